//! The tools: one module per question, offered behind every door.
