"""What a comparison of schemes has to say, in coded sentences."""
