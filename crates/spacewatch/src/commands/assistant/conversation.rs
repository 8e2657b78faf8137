//! `spacewatch chat`: one question after the other.

use std::path::PathBuf;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{Config, Context, Editor, Helper};
use serde_json::{Value, json};
use spacewatch_assistant::Toolbox;

use super::Asker;
use super::shown::Shown;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

const PROMPT: &str = "› ";
/// Questions that are brought back by the arrow keys.
const REMEMBERED: usize = 1_000;
const HISTORY: &str = "chat-history";

const WELCOME: &str = "Ask about your buckets in plain words. Ctrl-D ends, /help tells more.";
const HELP: &str = "\
/help      this
/buckets   the buckets these keys can see
/quit      end, as Ctrl-D does
Everything else is a question: what is stored, who touched it, what it costs, what changed, what is unsafe.
A question may build on the one before: \"and last week?\", \"only PNGs\", \"what about staging?\".";

/// A conversation at the terminal.
pub(super) struct Conversation {
    editor: Option<Editor<Words, FileHistory>>,
    history: PathBuf,
    buckets: Vec<String>,
}

impl Conversation {
    /// Gets ready: what was asked before, the names that Tab completes.
    pub(super) async fn begin(asker: &Asker) -> Result<Self, Failure> {
        let buckets = bucket_names(asker).await;
        let config = Config::builder()
            .max_history_size(REMEMBERED)
            .map_err(unusable)?
            .history_ignore_space(true)
            .auto_add_history(true)
            .build();
        let mut editor = Editor::with_config(config).map_err(unusable)?;
        editor.set_helper(Some(Words(buckets.clone())));
        let history = asker.asking.loaded.configuration.data_directory().join(HISTORY);
        // There is none the first time.
        let _ = editor.load_history(&history);
        Ok(Self {
            editor: Some(editor),
            history,
            buckets,
        })
    }

    pub(super) async fn run(mut self, asker: &Asker) -> Result<(), Failure> {
        if output::is_terminal() {
            output::print(&format!("{WELCOME}\n"))?;
        }
        while let Some(line) = self.read().await? {
            match line.trim() {
                "" => {}
                "/quit" | "/exit" => break,
                "/help" => output::print(&format!("{HELP}\n"))?,
                "/buckets" => output::print(&format!("{}\n", self.buckets.join("\n")))?,
                question => answer(asker, question).await?,
            }
        }
        Ok(())
    }

    /// The next line; nothing at the end. Reading waits on a thread of its own.
    async fn read(&mut self) -> Result<Option<String>, Failure> {
        let Some(mut editor) = self.editor.take() else {
            return Ok(None);
        };
        let history = self.history.clone();
        let read = tokio::task::spawn_blocking(move || {
            let line = editor.readline(PROMPT);
            // Only a convenience: a full disk must not end a conversation.
            let _ = editor.save_history(&history);
            (editor, line)
        });
        let (editor, line) = read
            .await
            .map_err(|error| Failure::new(Exit::Failed, "reading a line broke off").caused_by(&error))?;
        self.editor = Some(editor);
        match line {
            Ok(line) => Ok(Some(line)),
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => Ok(None),
            Err(error) => Err(unusable(error)),
        }
    }
}

async fn answer(asker: &Asker, question: &str) -> Result<(), Failure> {
    match asker.tell(question, &mut Shown::new(false)).await {
        // Ctrl-C ends the answer, not the conversation.
        Err(failure) if failure.is_interruption() => output::print("\n"),
        told => told,
    }
}

/// Names to complete; without them there is only less to complete.
async fn bucket_names(asker: &Asker) -> Vec<String> {
    let Ok(found) = asker.toolbox.call("buckets", json!({})).await else {
        return Vec::new();
    };
    let buckets = found
        .get("buckets")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    buckets.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn unusable(error: ReadlineError) -> Failure {
    Failure::new(Exit::Failed, "the terminal can't be used").caused_by(&error)
}

/// Completes names of buckets.
struct Words(Vec<String>);

impl Completer for Words {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let before = line.get(..at).unwrap_or_default();
        let begin = before.rfind(char::is_whitespace).map_or(0, |place| place + 1);
        let word = before.get(begin..).unwrap_or_default();
        let fitting = self
            .0
            .iter()
            .filter(|name| !word.is_empty() && name.starts_with(word));
        Ok((begin, fitting.cloned().collect()))
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {}
impl Validator for Words {}
impl Helper for Words {}
