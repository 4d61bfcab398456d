// Room: MAEWire
