//! What SpaceWatch itself does: operations, windows, percentiles, health.
