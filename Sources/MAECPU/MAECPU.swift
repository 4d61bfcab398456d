// Room: MAECPU
