"""The gap resources: what pulumi-azure-native cannot do."""
