from providers.azure.tests.kinds.front import folder, make, refused

__all__ = ["folder", "make", "refused"]
