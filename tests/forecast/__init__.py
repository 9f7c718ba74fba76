"""Tests of the forecasts: on made series whose noise is known, and from the contract to the contract."""
