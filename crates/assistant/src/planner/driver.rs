//! Asks the tools what a dialogue wants to know.

use super::dialogue::{Dialogue, Step, Understood};
use crate::asking::ask;
use crate::{Event, Made, Toolbox};

/// Who answers.
const BY: &str = "planner";

/// Answers a question with the tools, and tells what happens meanwhile. Whoever asked tells the end.
pub async fn answer(
    question: &str,
    toolbox: &dyn Toolbox,
    remembered: Option<&Understood>,
    tell: &mut (dyn FnMut(Event) + Send),
) -> (Made, Understood) {
    let (mut dialogue, mut step) = Dialogue::begin(question, &toolbox.circumstances(), remembered);
    let mut made = Made {
        by: BY.to_owned(),
        ..Made::default()
    };
    let mut asked = 0;
    loop {
        made.steps += 1;
        tell(Event::Step {
            step: made.steps,
            by: BY.to_owned(),
        });
        match step {
            Step::Call(calls) => {
                let results = ask(&calls, asked, toolbox, tell).await;
                let gave = calls.iter().zip(&results).rfind(|(_, result)| result.is_ok());
                made.tool_used = gave.map(|(call, _)| call.tool.clone()).or(made.tool_used);
                asked += calls.len();
                step = dialogue.results(results);
            }
            Step::Done(answer, understood) => {
                for part in &answer.parts {
                    tell(Event::Text {
                        text: part.text.clone(),
                    });
                }
                made.bucket_used = understood.bucket().map(str::to_owned);
                made.answer = *answer;
                return (made, *understood);
            }
        }
    }
}
