// Tests of MAEWire
