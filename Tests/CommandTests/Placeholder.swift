// Tests of Command
