// Room: MAECoordinator
