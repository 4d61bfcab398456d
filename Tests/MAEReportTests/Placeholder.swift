// Tests of MAEReport
