//! A directory of its own with an empty environment, and the program in it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use expect_test::Expect;
use tempfile::TempDir;

pub(crate) struct Sandbox {
    directory: TempDir,
    environment: Vec<(String, String)>,
    hidden: Vec<(String, String)>,
}

/// What a run left behind.
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self {
            directory: TempDir::new().unwrap(),
            environment: Vec::new(),
            hidden: Vec::new(),
        }
    }

    pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Shows `name` where the program says `text`, because it differs from run to run.
    pub(crate) fn hiding(mut self, text: &str, name: &str) -> Self {
        self.hidden.push((text.to_owned(), name.to_owned()));
        self
    }

    pub(crate) fn with_file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.path().join(name), text).unwrap();
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// The program with nothing but this sandbox around it.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_spacewatch"));
        command
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .stdin(Stdio::null());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.run_with_input(args, "")
    }

    pub(crate) fn run_with_input(&self, args: &[&str], input: &str) -> Ran {
        let mut command = self.command(args);
        let command = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program that doesn't read its input is fine.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Ran {
            stdout: self.steady(&String::from_utf8(output.stdout).unwrap()),
            stderr: self.steady(&String::from_utf8(output.stderr).unwrap()),
            code: output.status.code(),
        }
    }

    /// Runs the program and compares all that it says, and its exit code.
    pub(crate) fn check(&self, args: &[&str], expected: Expect) {
        let Ran { stdout, stderr, code } = self.run(args);
        let code = code.map_or("killed".to_owned(), |code| code.to_string());
        let separator = if stderr.is_empty() { "" } else { "--- stderr\n" };
        expected.assert_eq(&format!("{stdout}{separator}{stderr}--- exit {code}\n"));
    }

    fn steady(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (from, to) in &self.hidden {
            text = text.replace(from, to);
        }
        let lines = text.lines().map(|line| without_age(&without_as_of(line)) + "\n");
        lines.collect()
    }
}

/// The time of the question is now.
fn without_as_of(line: &str) -> String {
    match line.split_once("\"as_of\": \"") {
        Some((before, behind)) => {
            let behind = behind.split_once('"').map_or("", |(_, behind)| behind);
            format!("{before}\"as_of\": \"…\"{behind}")
        }
        None => line.to_owned(),
    }
}

/// What was written in 2025 gets older every day.
fn without_age(line: &str) -> String {
    let Some(at) = line.find("  2025-") else {
        return line.to_owned();
    };
    let (before, behind) = line.split_at(at);
    let start = before.rfind(' ').map_or(0, |blank| blank + 1);
    let masked: String = before
        .char_indices()
        .map(|(i, c)| if i < start { c } else { '~' })
        .collect();
    // An age grows by a digit in time, so its width must not count.
    format!("{} ~{behind}", masked.trim_end_matches('~').trim_end())
}
