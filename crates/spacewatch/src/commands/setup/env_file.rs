//! The `.env` file: what it says, and how single lines of it are changed.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use spacewatch_model::Secret;

use super::answers::Answer;
use crate::configuration::{Assignment, Dotenv};
use crate::exit::Exit;
use crate::failure::Failure;

/// A `.env` file as it is now. It need not exist yet.
pub(super) struct EnvFile {
    /// Where it really is: a symbolic link is followed, not replaced.
    path: PathBuf,
    text: Secret,
    dotenv: Dotenv,
}

impl EnvFile {
    pub(super) fn open(path: &Path, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let unreadable = |error: &io::Error| {
            Failure::new(Exit::Usage, format!("can't read `{}`", path.display())).caused_by(error)
        };
        let (path, text) = match std::fs::canonicalize(path) {
            Ok(path) => {
                let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&error))?;
                (path, text)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => (path.to_owned(), String::new()),
            Err(error) => return Err(unreadable(&error)),
        };
        let dotenv = Dotenv::parse(&text, environment);
        Ok(Self {
            path,
            text: Secret::new(text),
            dotenv,
        })
    }

    /// The value of a key; nothing where it is missing or empty.
    pub(super) fn value(&self, key: &str) -> Option<&Secret> {
        self.assignment(key)
            .map(|assignment| &assignment.value)
            .filter(|value| !value.is_empty())
    }

    /// Whether the file says exactly this already.
    pub(super) fn has(&self, answer: &Answer) -> bool {
        self.value(answer.key)
            .is_some_and(|value| value.expose() == answer.value.expose())
    }

    /// Whether the file says something else.
    pub(super) fn differs(&self, answer: &Answer) -> bool {
        self.value(answer.key)
            .is_some_and(|value| value.expose() != answer.value.expose())
    }

    /// Writes the file with these values, in one step: whoever reads it meanwhile sees the old or the new one.
    pub(super) fn write(&self, changes: &[&Answer]) -> Result<(), Failure> {
        let text = Secret::new(self.changed(changes));
        replace(&self.path, text.expose()).map_err(|error| {
            Failure::new(Exit::Failed, format!("can't write `{}`", self.path.display())).caused_by(&error)
        })
    }

    /// The last assignment of a key: it is the one that counts.
    fn assignment(&self, key: &str) -> Option<&Assignment> {
        self.dotenv
            .assignments
            .iter()
            .rev()
            .find(|assignment| assignment.key == key)
    }

    /// The text with these values; all other lines as they were.
    fn changed(&self, changes: &[&Answer]) -> String {
        let lines: Vec<_> = self.text.expose().lines().collect();
        let mut text = String::new();
        let mut number = 0;
        while let Some(line) = lines.get(number) {
            number += 1;
            let changed = changes.iter().find_map(|answer| {
                self.assignment(answer.key)
                    .filter(|assignment| assignment.line == number)
                    .map(|old| (answer, old))
            });
            if let Some((answer, old)) = changed {
                let export = if line.trim_start().starts_with("export ") {
                    "export "
                } else {
                    ""
                };
                text += &format!("{export}{}={}\n", answer.key, quoted(answer.value.expose()));
                number = old.last_line;
            } else {
                text += line;
                text.push('\n');
            }
        }
        let new: Vec<_> = changes
            .iter()
            .filter(|answer| self.assignment(answer.key).is_none())
            .collect();
        if !new.is_empty() {
            text += if text.is_empty() {
                "# SpaceWatch\n"
            } else {
                "\n# SpaceWatch\n"
            };
        }
        for answer in new {
            text += &format!("{}={}\n", answer.key, quoted(answer.value.expose()));
        }
        text
    }
}

/// The value in quotes where it holds characters that mean something in a `.env`.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/?&=%+@~,*".contains(c);
    if value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let temporary = directory.join(format!(".env.new-{}", std::process::id()));
    let result = write_private(&temporary, text).and_then(|()| std::fs::rename(&temporary, path));
    if result.is_err() {
        // Whatever went wrong, no secret stays behind; it may not have got that far.
        let _ = std::fs::remove_file(&temporary);
    }
    result?;
    // The new name must survive a crash too.
    File::open(directory)?.sync_all()
}

/// Writes a new file that nobody but its owner can read, from its first byte on.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, changes: &[(&'static str, &str)], expected: Expect) {
        let dotenv = Dotenv::parse(text, &|_| None);
        let file = EnvFile {
            path: PathBuf::new(),
            text: Secret::new(text),
            dotenv,
        };
        let answers: Vec<_> = changes
            .iter()
            .map(|(key, value)| Answer::plain(key, value))
            .collect();
        let changed = file.changed(&answers.iter().collect::<Vec<_>>());
        let again = Dotenv::parse(&changed, &|_| None);
        for (key, value) in changes {
            let last = again
                .assignments
                .iter()
                .rev()
                .find(|assignment| assignment.key == *key)
                .unwrap();
            assert_eq!(last.value.expose(), *value);
        }
        expected.assert_eq(&changed);
    }

    #[test]
    fn a_new_file() {
        check(
            "",
            &[("APP_API_KEY", "abc"), ("SPACES_REGION", "fra1")],
            expect![[r#"
                # SpaceWatch
                APP_API_KEY=abc
                SPACES_REGION=fra1
            "#]],
        );
    }

    #[test]
    fn other_lines_stay() {
        check(
            "# mine\nA='x' # why\n\nexport SPACES_REGION=sgp1 # here\nSECRET=\"a\nb\"\nwhat\n",
            &[("SPACES_REGION", "fra1"), ("APP_API_KEY", "it's # \\ \"$x\"")],
            expect![[r#"
                # mine
                A='x' # why

                export SPACES_REGION=fra1
                SECRET="a
                b"
                what

                # SpaceWatch
                APP_API_KEY='it\'s # \\ "$x"'
            "#]],
        );
    }

    #[test]
    fn the_assignment_that_counts_is_changed() {
        check(
            "K=1\nK=\"2\n3\"\nL=4",
            &[("K", "5")],
            expect![[r#"
                K=1
                K=5
                L=4
            "#]],
        );
    }
}
