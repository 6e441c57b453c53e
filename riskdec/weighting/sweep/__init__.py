"""What do weights do from none to far too many? One model under many weight ratios, beside a moving threshold."""
