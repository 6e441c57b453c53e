"""How is a network trained? Small steps: order, augmentation, schedule, epoch, validation, checkpoint, loop."""
