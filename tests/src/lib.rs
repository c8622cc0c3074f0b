//! Nothing: this package is its tests, `tests/whole`.
