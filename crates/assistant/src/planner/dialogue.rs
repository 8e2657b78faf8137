//! The way from a question to its answer, step by step, without asking anything by itself.

mod topic_of;

use serde_json::{Value, json};
use spacewatch_model::ErrorCode;

use super::entities::{self, Subject};
use super::outcome::Outcome;
use super::topic::{self, Next, Scene, Topic};
use super::when::{self, Now, Period, When};
use super::words::Words;
use super::write::Writer;
use super::{chat, refuse, topics};
use crate::{Answer, AnswerKind, Call, Circumstances, ToolFailure};

/// Steps of one answer at most.
const STEPS: usize = 5;

/// What was understood of a question: what the next one may leave out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Understood {
    topic: &'static str,
    subject: Subject,
    when: When,
    /// Words that picked among what the topic knows.
    means: Vec<&'static str>,
}

impl Understood {
    /// The bucket it was about.
    pub fn bucket(&self) -> Option<&str> {
        self.subject.bucket.as_deref()
    }
}

/// What comes next.
#[derive(Debug)]
pub enum Step {
    /// These are to be asked, at once; [`Dialogue::results`] takes what they gave, in the same order.
    Call(Vec<Call>),
    /// The answer.
    Done(Box<Answer>, Box<Understood>),
}

/// A question on its way to an answer.
#[derive(Debug)]
pub struct Dialogue {
    words: Words,
    now: Now,
    around: Circumstances,
    remembered: Option<Understood>,
    outcomes: Vec<Outcome>,
    waiting: Vec<Call>,
    planned: Option<Planned>,
    steps: usize,
}

/// What will be answered.
#[derive(Debug)]
struct Planned {
    understood: Understood,
    buckets: Vec<String>,
    /// Calls that were made before the topic's own.
    first: usize,
}

impl Dialogue {
    /// Begins with a question, and with what was understood of the one before.
    pub fn begin(question: &str, around: &Circumstances, remembered: Option<&Understood>) -> (Self, Step) {
        let long = question.chars().nth(chat::MAX_QUESTION).is_some();
        let mut dialogue = Self {
            words: Words::of(if long { "" } else { question }),
            now: Now {
                at: around.now,
                zone: around.time_zone.clone(),
            },
            around: around.clone(),
            remembered: remembered.cloned(),
            outcomes: Vec::new(),
            waiting: Vec::new(),
            planned: None,
            steps: 0,
        };
        dialogue.words.read_meanings();
        let talk = if long {
            Some(chat::too_long())
        } else {
            refuse::refused(&dialogue.words).or_else(|| chat::small_talk(&dialogue.words))
        };
        let step = match talk {
            Some(answer) => dialogue.end(answer),
            None => dialogue.ask(vec![topic::call("buckets", json!({}))]),
        };
        (dialogue, step)
    }

    /// Goes on with what the calls gave.
    pub fn results(&mut self, results: Vec<Result<Value, ToolFailure>>) -> Step {
        let calls = std::mem::take(&mut self.waiting);
        self.outcomes.extend(
            calls
                .into_iter()
                .zip(results)
                .map(|(call, result)| Outcome { call, result }),
        );
        if self.planned.is_none()
            && let Some(answer) = self.understand()
        {
            return self.end(answer);
        }
        self.go_on()
    }

    fn ask(&mut self, calls: Vec<Call>) -> Step {
        self.steps += 1;
        self.waiting.clone_from(&calls);
        Step::Call(calls)
    }

    fn end(&mut self, answer: Answer) -> Step {
        let understood = self
            .planned
            .take()
            .map(|planned| planned.understood)
            .or_else(|| self.remembered.take());
        Step::Done(Box::new(answer), Box::new(understood.unwrap_or_default()))
    }

    /// Reads the question, now that the buckets are known. An answer where it needs no tool.
    fn understand(&mut self) -> Option<Answer> {
        if let Some(failure) = self
            .outcomes
            .first()
            .and_then(|buckets| buckets.result.as_ref().err())
        {
            // Keys that may not list buckets may still ask about one; whatever else failed, fails for every question.
            if failure.code != ErrorCode::AccessDenied {
                return Some(chat::failed(failure));
            }
        }
        let known = self.known_buckets();
        let when = when::read(&mut self.words, &self.now);
        let subject = entities::read(&mut self.words, &known);
        self.words.read_meanings();
        let data = self.data_buckets(&known);
        let sees_buckets = self
            .outcomes
            .first()
            .is_some_and(|buckets| buckets.result.is_ok());
        if let Some(name) = subject.unseen.as_ref().filter(|_| sees_buckets) {
            return Some(chat::unseen(name, &known));
        }
        if let Some(answer) = refuse::proposed(&self.words, &subject) {
            return Some(answer);
        }
        let subject = match &subject.unseen {
            // Keys that may not list buckets may still read one.
            Some(name) => Subject {
                bucket: Some(name.clone()),
                unseen: None,
                ..subject
            },
            None => subject,
        };
        let near = self.near(&subject, &when);
        let Some(understood) = self.topic_of(subject, when) else {
            return Some(chat::not_understood(&near));
        };
        if understood.when.unclear && !self.words.mean(&["future"]) {
            return Some(chat::unclear_time());
        }
        let understood = self.with_open_bucket(understood, &data);
        self.planned = Some(Planned {
            understood,
            buckets: data,
            first: self.outcomes.len(),
        });
        None
    }

    fn known_buckets(&self) -> Vec<String> {
        let list = self
            .outcomes
            .first()
            .and_then(|buckets| buckets.value("/buckets"))
            .and_then(Value::as_array);
        let names = list
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned);
        let mut names: Vec<String> = names.collect();
        if names.is_empty() {
            names.extend(
                self.around
                    .bucket
                    .as_ref()
                    .map(|bucket| bucket.as_str().to_owned()),
            );
        }
        names
    }

    fn data_buckets(&self, known: &[String]) -> Vec<String> {
        let own = [&self.around.log_bucket, &self.around.metrics_bucket];
        let is_own = |name: &str| {
            own.iter()
                .any(|bucket| bucket.as_ref().is_some_and(|bucket| bucket.as_str() == name))
        };
        known.iter().filter(|name| !is_own(name)).cloned().collect()
    }

    /// `the bucket` is the one that is open, or the only one.
    fn with_open_bucket(&self, understood: Understood, data: &[String]) -> Understood {
        if understood.subject.bucket.is_some() {
            return understood;
        }
        let said = ["the", "this", "my", "our"]
            .into_iter()
            .any(|word| self.words.say_phrase(&format!("{word} bucket")))
            || self.words.say(&["here"]);
        let only = match data {
            [only] => Some(only.clone()),
            _ => None,
        };
        let open = self
            .around
            .bucket
            .as_ref()
            .filter(|_| said)
            .map(|bucket| bucket.as_str().to_owned());
        let bucket = open.or(only);
        Understood {
            subject: Subject {
                bucket,
                ..understood.subject
            },
            ..understood
        }
    }

    fn go_on(&mut self) -> Step {
        let Some(planned) = &self.planned else {
            return self.end(chat::not_understood(&[]));
        };
        let Some(topic) = topics::named(planned.understood.topic) else {
            return self.end(chat::not_understood(&[]));
        };
        let words = Words {
            meanings: planned.understood.means.iter().copied().collect(),
            ..self.words.clone()
        };
        let scene = Scene {
            words: &words,
            subject: &planned.understood.subject,
            when: planned.understood.when,
            now: &self.now,
            open: self.around.period.map(|(from, to)| Period {
                from: Some(from),
                to: Some(to),
                month: None,
            }),
            buckets: &planned.buckets,
        };
        let said = self.outcomes.get(planned.first..).unwrap_or_default();
        let next = if self.steps >= STEPS {
            Next::Write
        } else {
            (topic.next)(&scene, said)
        };
        match next {
            Next::Calls(calls) => self.ask(calls),
            Next::Say(answer) => self.end(*answer),
            Next::Write => {
                let answer = write(topic, &scene, &self.outcomes, planned.first);
                self.end(answer)
            }
        }
    }
}

fn write(topic: &Topic, scene: &Scene<'_>, outcomes: &[Outcome], first: usize) -> Answer {
    let mut writer = Writer::new(outcomes, first, scene.now.zone.clone(), scene.subject.rows);
    let none_gave = !writer.calls().iter().any(|outcome| outcome.result.is_ok());
    if none_gave {
        writer.is(AnswerKind::CannotSay).say("I can't tell.");
    } else {
        (topic.write)(scene, &mut writer);
    }
    writer.failures();
    topics::propose_missing(&mut writer);
    writer.footer();
    if writer.is_empty() {
        writer
            .is(AnswerKind::CannotSay)
            .say("Nothing was found that answers this.");
    }
    for question in topic.then {
        writer.suggest(*question);
    }
    writer.done()
}
