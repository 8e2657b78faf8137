//! The page of the documentation that lists every setting.
#![cfg(test)]

use std::fmt::Write;
use std::path::Path;

use super::settings::{self, IDLE, Setting};

const HEAD: &str = "\
# Configuration

<!-- Made from `crates/spacewatch/src/configuration/settings.rs` by a test. Change it there. -->

A setting can be given in four places. The first that has it wins:

1. a flag of the command (`spacewatch serve --port 9000`),
2. an environment variable (`PORT=9000`),
3. the file `.env` in the working directory (`PORT=9000`),
4. the file `spacewatch.toml` in the working directory (`port = 9000`).

The default configuration starts the service. An empty value means the default. `spacewatch setup` writes a
`.env` and asks for the few values that matter; `spacewatch doctor` says which values are not defaults and where
they came from.

`.env` is read as the Python original read it: `export`, quotes, comments and `${NAME}` work, and keys that are not
listed here are left alone, because other programs share the file. `spacewatch.toml` is SpaceWatch's own, so an unknown key
there is an error that names the nearest known one. Its keys are the names below in lower case, its values texts,
numbers, `true`, `false` or lists:

```toml
host = \"0.0.0.0\"
port = 8443
tls_cert = \"/etc/spacewatch/cert.pem\"
tls_key = \"/etc/spacewatch/key.pem\"
fallback_buckets = [\"prod-assets\", \"prod-logs\"]
```

A value that makes no sense stops the program with an error that names the key, the value, where it came from and
what was expected. Secrets are never shown.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    let mut section = "";
    for setting in settings::described() {
        if setting.section != section {
            section = setting.section;
            let _ = write!(
                page,
                "\n## {section}\n\n| Name | Default | Meaning |\n|---|---|---|\n"
            );
        }
        let _ = writeln!(page, "{}", row(&setting));
    }
    page += "\n## Accepted without effect\n\nThese keys are taken and said to do nothing, once, when the program starts.\n\n";
    page += "| Name | Why |\n|---|---|\n";
    for idle in IDLE {
        let _ = writeln!(page, "| `{}` | {} |", idle.name, idle.why);
    }
    page
}

fn row(setting: &Setting) -> String {
    let default = if setting.default.is_empty() {
        "–".to_owned()
    } else {
        format!("`{}`", setting.default)
    };
    let meaning: Vec<_> = setting.meaning.iter().map(|line| line.trim()).collect();
    let secret = if setting.secret { " Secret." } else { "" };
    let Setting { name, expected, .. } = setting;
    format!(
        "| `{name}` | {default} | {} Expects {expected}.{secret} |",
        meaning.join(" ")
    )
}

#[test]
fn the_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let page = page();
    if std::fs::read_to_string(&path).unwrap_or_default() != page {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, page).unwrap();
        panic!("docs/configuration.md was out of date; it has been rewritten, commit it");
    }
}
