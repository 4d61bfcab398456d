// Room: MAEVerify
