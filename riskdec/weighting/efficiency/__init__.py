"""What do weights cost in precision? Standard errors naive and robust, and efficiency as a number of rows."""
