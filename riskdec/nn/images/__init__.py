"""Images of any origin, opened: arrays, a folder of files, a torch Dataset."""
