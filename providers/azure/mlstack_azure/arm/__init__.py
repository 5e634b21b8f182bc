"""The REST interfaces of Azure, for gap resources and the runtime."""
