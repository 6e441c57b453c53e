"""How far are probabilities from honest ones, and how much of that is the shift that a stated weight ratio predicts?"""
