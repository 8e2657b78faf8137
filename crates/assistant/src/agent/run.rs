//! One question on its way through a model.

mod calls;
mod finish;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::dialect::Calling;
use super::failure::AgentFailure;
use super::protocol::{self, Said};
use super::reading::{Reply, WantedCall};
use super::wire::Message;
use super::{Agent, Asked, names, prompt, schema};
use crate::{Call, Event, Made, Proposal, ToolFacts, Toolbox};

/// Ways of speaking that are tried before an endpoint is given up.
const DIALECTS: usize = 4;
/// Corrections of replies that keep to no form.
const CORRECTIONS: usize = 2;
/// Bytes that a token has about.
const TOKEN: usize = 4;

/// A call that was made, and what the model saw of its result.
struct Shown {
    call: Call,
    /// The result, cut; nothing where the tool failed.
    result: Option<Value>,
}

/// One question on its way.
pub(super) struct Run<'a> {
    agent: &'a Agent,
    asked: &'a Asked<'a>,
    toolbox: &'a dyn Toolbox,
    tell: &'a mut (dyn FnMut(Event) + Send),
    calling: Calling,
    messages: Vec<Message>,
    shown: Vec<Shown>,
    proposal: Option<Proposal>,
    bytes_left: usize,
    tokens: u64,
    corrections: usize,
    /// What the model said without asking any tool, before it was tried whether it knows tools.
    plain: Option<String>,
}

/// What a reply comes to.
enum Next {
    GoOn,
    Final(String),
}

impl<'a> Run<'a> {
    pub(super) fn new(
        agent: &'a Agent,
        asked: &'a Asked<'a>,
        toolbox: &'a dyn Toolbox,
        tell: &'a mut (dyn FnMut(Event) + Send),
    ) -> Self {
        let mut run = Self {
            agent,
            asked,
            toolbox,
            tell,
            calling: agent.dialect().calling,
            messages: Vec::new(),
            shown: Vec::new(),
            proposal: None,
            bytes_left: agent.config().max_tool_bytes,
            tokens: 0,
            corrections: 0,
            plain: None,
        };
        run.begin();
        run
    }

    /// The conversation as it stands before the first reply.
    fn begin(&mut self) {
        let around = self.toolbox.circumstances();
        let system = match self.calling {
            Calling::OneObject => prompt::one_object(&around, self.toolbox.tools()),
            Calling::Native | Calling::Unknown => prompt::native(&around),
        };
        self.messages = vec![Message::system(system)];
        for turn in self.asked.turns {
            self.messages.push(Message::user(self.redacted(&turn.question)));
            self.messages
                .push(Message::assistant(self.redacted(&turn.answer)));
        }
        self.messages
            .push(Message::user(self.redacted(self.asked.question)));
    }

    /// Secrets of the person don't leave, wherever they stand.
    fn redacted(&self, text: &str) -> String {
        let secrets = self.asked.secrets.iter().filter(|secret| !secret.is_empty());
        secrets.fold(text.to_owned(), |text, secret| {
            text.replace(secret.expose(), "[secret]")
        })
    }

    pub(super) async fn answer(mut self, requests: &mut usize) -> Result<Made, AgentFailure> {
        let config = self.agent.config();
        let (max_steps, max_tokens) = (config.max_steps, config.max_tokens);
        let mut step = 0;
        loop {
            step += 1;
            (self.tell)(Event::Step {
                step,
                by: self.agent.name().to_owned(),
            });
            let last = step > max_steps || self.tokens >= max_tokens;
            if last {
                self.messages.push(Message::user(protocol::FINISH));
            }
            let reply = self.ask(!last, requests).await?;
            match self.take(reply, last).await? {
                Next::Final(text) => return self.finish(&text, step),
                Next::GoOn if last => {
                    let spent = if step > max_steps { "steps" } else { "tokens" };
                    return Err(AgentFailure::Budget(spent));
                }
                Next::GoOn => {}
            }
        }
    }

    /// Asks the endpoint, in the way it understands.
    async fn ask(&mut self, with_tools: bool, requests: &mut usize) -> Result<Reply, AgentFailure> {
        let mut refusal = AgentFailure::Empty;
        for _ in 0..DIALECTS {
            let dialect = self.agent.dialect().that(self.calling);
            let tools = self.offered(with_tools);
            let model = self.agent.config().model.as_deref();
            let form = (self.calling == Calling::OneObject).then(|| protocol::form(self.toolbox.tools()));
            let request = dialect.request(model, &self.messages, tools.as_deref(), form.as_ref());
            // Text may only be shown where it is known to be no call for a tool.
            let shows = self.calling == Calling::Native;
            let said = &mut *self.tell;
            let mut tell = |text: &str| {
                if shows && !text.is_empty() {
                    said(Event::Text {
                        text: text.to_owned(),
                    });
                }
            };
            *requests += 1;
            match self.agent.endpoint.ask(&request, &mut tell).await {
                Ok(reply) => {
                    self.tokens = self.tokens.saturating_add(tokens_of(&self.messages, &reply));
                    return Ok(reply);
                }
                Err(failure) => {
                    let Some(other) = dialect.instead(&failure) else {
                        return Err(failure);
                    };
                    // A model in a rut says nothing of its endpoint.
                    if failure != AgentFailure::Repeats {
                        self.agent.learn(other);
                    }
                    if other.calling != self.calling {
                        self.calling = other.calling;
                        self.begin();
                    }
                    refusal = failure;
                }
            }
        }
        Err(refusal)
    }

    fn offered(&self, with_tools: bool) -> Option<Box<RawValue>> {
        if self.calling == Calling::OneObject || !with_tools {
            return None;
        }
        let tools: Vec<Value> = self.toolbox.tools().iter().map(function).collect();
        serde_json::value::to_raw_value(&tools).ok()
    }

    /// Reads a reply, and does what it asks for.
    async fn take(&mut self, reply: Reply, last: bool) -> Result<Next, AgentFailure> {
        if last && !reply.calls.is_empty() {
            return Ok(Next::GoOn);
        }
        if !reply.calls.is_empty() {
            self.learn(Calling::Native);
            self.native(reply).await;
            return Ok(Next::GoOn);
        }
        match protocol::said(&reply.text) {
            Said::Call(call) if !last && self.is_meant(&call) => {
                self.one_object(call, &reply.text).await;
                Ok(Next::GoOn)
            }
            Said::Final(text) => Ok(Next::Final(text)),
            // A call at the end: there is no answer.
            Said::Call(call) if self.is_meant(&call) => Ok(Next::GoOn),
            Said::Neither(why) if self.calling == Calling::OneObject => Ok(self.correct(reply.text, why)),
            Said::Call(_) | Said::Neither(_) => self.take_text(reply.text),
        }
    }

    /// Whether an object in a reply asks for a tool, and is no part of an answer that happens to look so.
    fn is_meant(&self, call: &WantedCall) -> bool {
        self.calling == Calling::OneObject || names::meant(&call.tool, self.toolbox).is_some()
    }

    /// A reply that is neither calls nor an object: the answer, as long as the model is known to have tools.
    fn take_text(&mut self, text: String) -> Result<Next, AgentFailure> {
        if text.is_empty() {
            return Err(AgentFailure::Empty);
        }
        if self.calling == Calling::Unknown && self.shown.is_empty() {
            // It asked no tool: perhaps it was told of none. The other way shows.
            self.plain = Some(text);
            self.calling = Calling::OneObject;
            self.begin();
            return Ok(Next::GoOn);
        }
        Ok(Next::Final(text))
    }

    /// Remembers what an endpoint was seen to do.
    fn learn(&mut self, calling: Calling) {
        self.calling = calling;
        let dialect = self.agent.dialect();
        if dialect.calling != calling {
            self.agent.learn(dialect.that(calling));
        }
    }

    fn correct(&mut self, text: String, why: &str) -> Next {
        self.corrections += 1;
        if let Some(plain) = self.plain.take_if(|_| self.shown.is_empty()) {
            return Next::Final(plain);
        }
        if self.corrections > CORRECTIONS && !text.trim().is_empty() && !text.contains('{') {
            return Next::Final(text);
        }
        self.messages.push(Message::assistant(self.redacted(&text)));
        self.messages.push(Message::user(why));
        Next::GoOn
    }
}

fn function(tool: &ToolFacts) -> Value {
    let mark = if tool.writes {
        " (Only proposed: a person confirms it.)"
    } else {
        ""
    };
    json!({
        "type": "function",
        "function": {
            "name": tool.name,
            "description": format!("{}{mark}", tool.description),
            "parameters": schema::lean(&tool.arguments),
        },
    })
}

/// What a request and its reply cost: as the endpoint counted, or about.
fn tokens_of(messages: &[Message], reply: &Reply) -> u64 {
    reply.tokens.unwrap_or_else(|| {
        let asked = serde_json::to_vec(messages).map_or(0, |json| json.len());
        let said: usize =
            reply.text.len() + reply.calls.iter().map(|call| call.arguments.len()).sum::<usize>();
        u64::try_from((asked + said) / TOKEN).unwrap_or(u64::MAX)
    })
}
