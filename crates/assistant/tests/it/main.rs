//! Tests of the assistant as its users see it.
