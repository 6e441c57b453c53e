"""What did the decisions cost? Realised costs, promises held against what happened."""
