//! The built-in planner: understands questions in ordinary wording, picks tools, writes the answer. Deterministic, no model, no network.
