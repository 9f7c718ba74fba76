"""Sets up and runs the whole product on one machine, for the demo and for the tests."""
