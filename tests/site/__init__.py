"""Tests of the static site: a package, so that what its fixtures open is closed before other tests run."""
