//! The end: what the model said, checked against what the tools said.

use super::super::failure::AgentFailure;
use super::Run;
use crate::checking::{Context, Source, check, coverage_word};
use crate::quote::Untangled;
use crate::{Answer, AnswerKind, Made, Part};

impl Run<'_> {
    /// The answer, with its figures checked.
    pub(super) fn finish(mut self, text: &str, steps: usize) -> Result<Made, AgentFailure> {
        let mut text = Untangled::default().push(text.trim());
        if let Some(proposal) = self.proposal.as_ref().filter(|_| text.is_empty()) {
            text = format!("I would {}. Nothing was done yet.", proposal.description);
        }
        if text.is_empty() {
            return Err(AgentFailure::Empty);
        }
        let around = self.toolbox.circumstances();
        let gave = self.shown.iter().enumerate();
        let sources: Vec<Source<'_>> = gave
            .filter_map(|(call, shown)| {
                Some(Source {
                    call,
                    tool: &shown.call.tool,
                    args: &shown.call.args,
                    result: shown.result.as_ref()?,
                })
            })
            .collect();
        let context = Context {
            question: self.asked.question,
            now: around.now,
            time_zone: &around.time_zone,
        };
        let (mut parts, citations) = check(&text, &sources, &context);
        if let Some(word) = coverage_word(&text, &sources) {
            parts.push(Part {
                text: format!("\n\n{word}"),
                ..Part::default()
            });
        }
        let used = sources.last();
        let bucket = used.and_then(|used| {
            used.args
                .get("bucket")
                .or_else(|| used.args.get("source_bucket"))?
                .as_str()
        });
        let kind = if self.proposal.is_some() {
            AnswerKind::AsksBack
        } else {
            AnswerKind::Answered
        };
        Ok(Made {
            tool_used: used.map(|used| used.tool.to_owned()),
            bucket_used: bucket.map(str::to_owned),
            answer: Answer {
                kind,
                parts,
                citations,
                suggestions: Vec::new(),
                proposal: self.proposal.take(),
            },
            by: self.agent.name().to_owned(),
            instead: None,
            steps,
            model_requests: 0,
        })
    }
}
