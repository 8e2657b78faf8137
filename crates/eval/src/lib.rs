//! How right the assistant is.
//!
//! A [`World`] is a generated tenant at a moment that stands still, with incidents to find. Its [`Truth`] is read by plain loops from the
//! very bytes of the log objects and from what the store holds, by code that shares nothing with the tools. [`QuestionSet`] holds
//! questions in many wordings; what a right answer must hold is computed from the truth. [`evaluate`] asks them all and gives a [`Report`].
//!
//! It knows neither the tools nor how they are called: whoever has an `Assistant` and a `Toolbox` over the world can be scored.

mod cases;
mod expected;
mod questions;
mod report;
mod run;
mod said;
mod truth;
mod world;

pub use expected::{Expected, Fact, Sought};
pub use questions::{Case, Group, InvalidQuestions, QuestionSet, Wordings};
pub use report::{Answered, Report, Score};
pub use run::{Asked, evaluate};
pub use truth::Truth;
pub use world::{StoppedClock, World};
