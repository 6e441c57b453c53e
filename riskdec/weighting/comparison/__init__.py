"""One model under several schemes, judged on the same rows."""
