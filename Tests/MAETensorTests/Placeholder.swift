// Tests of MAETensor
