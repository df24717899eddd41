"""An installed app that brings a seventh kind of entry by its own models, and nothing else."""
