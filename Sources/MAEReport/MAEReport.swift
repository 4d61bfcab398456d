// Room: MAEReport
