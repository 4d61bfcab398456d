// Room: MAECheckpoint
