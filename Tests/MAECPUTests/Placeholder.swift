// Tests of MAECPU
