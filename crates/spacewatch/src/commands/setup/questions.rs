//! The wizard's questions.

use std::io;

use console::Term;
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, Input, Password};

use super::answers::{
    AGENT_KEY, AGENT_URL, API_KEY, Answer, Answers, KNOWN_REGIONS, REGION, check_region, check_secret,
    check_url, region_note, weakness,
};
use super::env_file::EnvFile;
use crate::exit::Exit;
use crate::failure::Failure;

/// Asks for everything that the flags leave open. What the file has already is kept unless the person says otherwise.
pub(super) fn ask(file: &EnvFile, given: Answers) -> Result<Answers, Failure> {
    let theme: Box<dyn Theme> = if console::colors_enabled_stderr() {
        Box::new(ColorfulTheme::default())
    } else {
        Box::new(SimpleTheme)
    };
    // Ctrl-C must not end the process while a prompt has the cursor hidden: the prompt is told instead.
    #[cfg(unix)]
    let _handled = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt());
    let mut wizard = Wizard {
        theme,
        file,
        answers: given,
    };
    wizard.settle_conflicts()?;
    wizard.agent()?;
    wizard.api_key()?;
    wizard.region()?;
    Ok(wizard.answers)
}

struct Wizard<'a> {
    theme: Box<dyn Theme>,
    file: &'a EnvFile,
    answers: Answers,
}

impl Wizard<'_> {
    /// Flags that would overwrite something need a yes.
    fn settle_conflicts(&mut self) -> Result<(), Failure> {
        for key in [AGENT_URL, AGENT_KEY, API_KEY, REGION] {
            let conflict = self
                .answers
                .get(key)
                .is_some_and(|answer| self.file.differs(answer));
            if conflict && !self.confirm(&format!("{key} is already set. Replace it?"), false)? {
                self.answers.drop_answer(key);
            }
        }
        Ok(())
    }

    fn agent(&mut self) -> Result<(), Failure> {
        if self.keeps(AGENT_URL, "AI agent")? {
            return Ok(());
        }
        say("An AI agent answers questions in the chat of a later release. Leave it empty to go without.");
        let url: String = Input::with_theme(&*self.theme)
            .with_prompt("AI agent URL (full chat-completions URL)")
            .allow_empty(true)
            .validate_with(|text: &String| match text.trim() {
                "" => Ok(()),
                text => check_url(text).map(|_| ()),
            })
            .interact_text()
            .map_err(failure)?;
        if url.trim().is_empty() {
            return Ok(());
        }
        self.answers.set(Answer::plain(AGENT_URL, url.trim()));
        if let Some(key) = self.secret("AI agent key (not shown)")? {
            self.answers.set(Answer::secret(AGENT_KEY, key));
        }
        Ok(())
    }

    fn api_key(&mut self) -> Result<(), Failure> {
        if self.keeps(API_KEY, "application API key")? {
            return Ok(());
        }
        say("The application API key opens the admin routes and `/metrics`.");
        if self.confirm("Make one for you?", true)? {
            self.answers.set(Answer::made_api_key());
            return Ok(());
        }
        while let Some(key) = self.secret("Application API key (not shown, empty for none)")? {
            let Some(weakness) = weakness(&key) else {
                self.answers.set(Answer::secret(API_KEY, key));
                break;
            };
            if self.confirm(&format!("That key {weakness}. Use it anyway?"), false)? {
                self.answers.set(Answer::secret(API_KEY, key));
                break;
            }
        }
        Ok(())
    }

    fn region(&mut self) -> Result<(), Failure> {
        if self.answers.has(REGION) {
            return Ok(());
        }
        let default = self
            .file
            .value(REGION)
            .map_or("sgp1", |value| value.expose())
            .to_owned();
        say(&format!(
            "Regions of DigitalOcean Spaces: {}.",
            KNOWN_REGIONS.join(", ")
        ));
        loop {
            let text: String = Input::with_theme(&*self.theme)
                .with_prompt("Default region")
                .default(default.clone())
                .validate_with(|text: &String| check_region(text).map(|_| ()))
                .interact_text()
                .map_err(failure)?;
            let region = text.trim().to_ascii_lowercase();
            let note = region_note(&region);
            if let Some(note) = &note {
                eprintln!("{note}");
            }
            if note.is_none() || self.confirm("Use it all the same?", false)? {
                self.answers.set(Answer::plain(REGION, &region));
                return Ok(());
            }
        }
    }

    /// Whether there is nothing to ask: a flag has answered, or the file's value stays.
    fn keeps(&self, key: &str, name: &str) -> Result<bool, Failure> {
        if self.answers.has(key) {
            return Ok(true);
        }
        if self.file.value(key).is_none() {
            return Ok(false);
        }
        self.confirm(&format!("{key} is already set. Keep this {name}?"), true)
    }

    fn secret(&self, prompt: &str) -> Result<Option<spacewatch_model::Secret>, Failure> {
        let text = Password::with_theme(&*self.theme)
            .with_prompt(prompt)
            .allow_empty_password(true)
            .validate_with(|text: &String| match text.trim() {
                "" => Ok(()),
                text => check_secret(text).map(|_| ()),
            })
            .interact()
            .map_err(failure)?;
        Ok(check_secret(text.trim()).ok())
    }

    fn confirm(&self, question: &str, default: bool) -> Result<bool, Failure> {
        Confirm::with_theme(&*self.theme)
            .with_prompt(question)
            .default(default)
            .interact()
            .map_err(failure)
    }
}

fn say(text: &str) {
    eprintln!("\n{text}");
}

fn failure(error: dialoguer::Error) -> Failure {
    let error = io::Error::from(error);
    if error.kind() == io::ErrorKind::Interrupted {
        // Where it can't be shown again there is no terminal any more.
        let _ = Term::stderr().show_cursor();
        eprintln!();
        return Failure::interrupted();
    }
    Failure::new(Exit::Failed, "the terminal doesn't answer").caused_by(&error)
}
