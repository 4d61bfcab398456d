// Room: MAEModel
