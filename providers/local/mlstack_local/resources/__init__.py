"""The gap resources of the local target, one file a type. They run in the plugin's process."""
