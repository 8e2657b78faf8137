//! What may be asked in SQL.
//!
//! Everything is checked on the tree before the engine sees it, because planning runs to its end once begun: a short text
//! can stand for a plan of any size (common table expressions that name each other twice, thirty deep), so the size of the
//! expanded plan is bounded, not that of the text.

use std::collections::HashMap;
use std::ops::ControlFlow;

use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::{
    self, BinaryOperator, Expr, FunctionArguments, GroupByExpr, ObjectName, Query, Select, SelectFlavor,
    SelectItem, SetExpr, TableFactor, Visit, Visitor, visit_expressions,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use super::complaint::{self, nearest};
use super::{TABLES, functions};
use crate::LakeError;

/// Bytes of the text.
const MAX_TEXT: usize = 32 * 1024;
/// Words, numbers and signs in it.
const MAX_TOKENS: usize = 4_000;
/// Tables that are read once everything is expanded.
const MAX_RELATIONS: u64 = 32;
/// Names in expressions once everything is expanded.
const MAX_NAMES: u64 = 20_000;
/// `*` in lists of columns.
const MAX_STARS: usize = 8;
/// Regular expressions: each may take megabytes once compiled.
const MAX_REGEXES: usize = 8;
/// Bytes of a pattern.
const MAX_PATTERN: usize = 1_000;
/// How deep parentheses and subqueries nest.
const MAX_DEPTH: usize = 40;

fn no(why: impl Into<String>) -> LakeError {
    LakeError::Question(why.into())
}

/// The one `SELECT` that the text is.
pub(super) fn check(text: &str) -> Result<Statement, LakeError> {
    if text.len() > MAX_TEXT {
        return Err(no(format!(
            "the SQL is {} bytes long, the limit is {MAX_TEXT}",
            text.len()
        )));
    }
    let dialect = GenericDialect {};
    let tokens = Tokenizer::new(&dialect, text).tokenize_with_location();
    let tokens = tokens.map_err(|error| no(format!("the SQL can't be read: {error}")))?;
    let mut words = tokens.iter().map(|token| &token.token);
    if words
        .clone()
        .filter(|token| !matches!(token, Token::Whitespace(_)))
        .count()
        > MAX_TOKENS
    {
        return Err(no(format!("the SQL has more than {MAX_TOKENS} words")));
    }
    if words.any(|token| matches!(token, Token::Placeholder(_))) {
        return Err(no("the SQL has a placeholder; write the value itself"));
    }
    let parser = DFParserBuilder::new(text)
        .with_dialect(&dialect)
        .with_recursion_limit(MAX_DEPTH)
        .build();
    let statements = parser.and_then(|mut parser| parser.parse_statements());
    let mut statements = statements.map_err(|error| complaint::of_parser(&error))?;
    let (Some(statement), true) = (statements.pop_front(), statements.is_empty()) else {
        return Err(no("ask exactly one `SELECT`"));
    };
    let Statement::Statement(statement) = statement else {
        return Err(no("only `SELECT` can be asked"));
    };
    let ast::Statement::Query(query) = *statement else {
        return Err(no("only `SELECT` can be asked"));
    };
    let mut guard = Guard::default();
    if let ControlFlow::Break(error) = query.visit(&mut guard) {
        return Err(error);
    }
    Ok(Statement::Statement(Box::new(ast::Statement::Query(query))))
}

/// What a query stands for once everything it names is put in its place.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    /// Tables read.
    relations: u64,
    /// Names that one of its columns stands for.
    fan: u64,
}

#[derive(Debug, Default)]
struct Guard {
    /// The queries around the present place.
    open: Vec<Frame>,
    /// What names stand for; of two with one name, the heavier.
    named: HashMap<String, Weight>,
    /// Where the queries stand that names will stand for.
    naming: HashMap<*const Query, String>,
    stars: usize,
    regexes: usize,
}

#[derive(Debug, Default)]
struct Frame {
    relations: u64,
    /// Names in the largest column of its own.
    widest: u64,
    /// What a name of its own may stand for.
    inner: u64,
    /// Names in all expressions of its own.
    names: u64,
}

type Flow = ControlFlow<LakeError>;

fn refuse(why: impl Into<String>) -> Flow {
    ControlFlow::Break(no(why))
}

impl Visitor for Guard {
    type Break = LakeError;

    fn pre_visit_query(&mut self, query: &Query) -> Flow {
        let plain = query.locks.is_empty()
            && query.for_clause.is_none()
            && query.settings.is_none()
            && query.format_clause.is_none()
            && query.pipe_operators.is_empty();
        if !plain {
            return refuse("only plain `SELECT`s can be asked, without locks, formats, settings and pipes");
        }
        if self.open.len() >= MAX_DEPTH {
            return refuse("the queries nest too deeply");
        }
        if let Some(with) = &query.with {
            if with.recursive {
                return refuse("`WITH RECURSIVE` is not allowed");
            }
            for table in &with.cte_tables {
                let name = table.alias.name.value.to_lowercase();
                self.naming.insert(&raw const *table.query, name);
            }
        }
        self.open.push(Frame::default());
        body(&query.body)
    }

    fn post_visit_query(&mut self, query: &Query) -> Flow {
        let frame = self.open.pop().unwrap_or_default();
        let inner = frame.inner.max(1);
        let weight = Weight {
            relations: frame.relations,
            fan: frame.widest.max(1).saturating_mul(inner),
        };
        if frame.names.saturating_mul(inner) > MAX_NAMES {
            return refuse("the SQL stands for too large a question: its subqueries multiply each other");
        }
        if let Some(name) = self.naming.remove(&(&raw const *query)) {
            let named = self.named.entry(name).or_default();
            named.relations = named.relations.max(weight.relations);
            named.fan = named.fan.max(weight.fan);
            return ControlFlow::Continue(());
        }
        self.add(weight)
    }

    fn pre_visit_select(&mut self, select: &Select) -> Flow {
        let plain = select.into.is_none()
            && select.lateral_views.is_empty()
            && select.connect_by.is_empty()
            && select.prewhere.is_none()
            && select.top.is_none()
            && select.cluster_by.is_empty()
            && select.distribute_by.is_empty()
            && select.sort_by.is_empty()
            && select.value_table_mode.is_none()
            && select.exclude.is_none()
            && select.select_modifiers.is_none()
            && select.flavor == SelectFlavor::Standard;
        if !plain {
            return refuse("only plain `SELECT`s can be asked");
        }
        if let GroupByExpr::All(_) = select.group_by {
            return refuse("`GROUP BY ALL` is not allowed; name the columns");
        }
        for item in &select.projection {
            let names = match item {
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => names_in(expr),
                SelectItem::ExprWithAliases { .. } => return refuse("a column takes one name"),
                SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {
                    self.stars += 1;
                    1
                }
            };
            if let Some(frame) = self.open.last_mut() {
                frame.widest = frame.widest.max(names);
            }
        }
        if self.stars > MAX_STARS {
            return refuse(format!("more than {MAX_STARS} times `*`; name the columns"));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> Flow {
        let name = relation.to_string().to_lowercase();
        let name = name.trim_matches('"');
        if let Some(known) = self.named.get(name).copied() {
            return self.add(known);
        }
        if !TABLES.contains(&name) {
            return refuse(match nearest(name, TABLES) {
                Some(near) => format!("there is no table `{name}`; did you mean `{near}`?"),
                None => format!("there is no table `{name}`; there are {}", TABLES.join(", ")),
            });
        }
        self.add(Weight { relations: 1, fan: 1 })
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> Flow {
        match factor {
            TableFactor::Table {
                args: None,
                sample: None,
                json_path: None,
                version: None,
                ..
            }
            | TableFactor::Derived {
                lateral: false,
                sample: None,
                ..
            }
            | TableFactor::NestedJoin { .. } => ControlFlow::Continue(()),
            _ => refuse("only tables, subqueries and joins can stand after `FROM`"),
        }
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        if let Some(frame) = self.open.last_mut() {
            frame.names = frame.names.saturating_add(1);
        }
        match expr {
            Expr::Function(function) => self.function(function),
            Expr::Like { any: true, .. } | Expr::ILike { any: true, .. } => refuse("`ANY` is not allowed"),
            Expr::Like { pattern, .. } | Expr::ILike { pattern, .. } => written(pattern),
            Expr::SimilarTo { pattern, .. } => self.regex(pattern),
            Expr::BinaryOp { op, right, .. } => self.operator(op, right),
            Expr::Substring { .. }
            | Expr::Identifier(_)
            | Expr::CompoundIdentifier(_)
            | Expr::IsFalse(_)
            | Expr::IsNotFalse(_)
            | Expr::IsTrue(_)
            | Expr::IsNotTrue(_)
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsUnknown(_)
            | Expr::IsNotUnknown(_)
            | Expr::IsDistinctFrom(..)
            | Expr::IsNotDistinctFrom(..)
            | Expr::InList { .. }
            | Expr::InSubquery { .. }
            | Expr::Between { .. }
            | Expr::UnaryOp { .. }
            | Expr::Cast { array: false, .. }
            | Expr::AtTimeZone { .. }
            | Expr::Extract { .. }
            | Expr::Ceil { .. }
            | Expr::Floor { .. }
            | Expr::Position { .. }
            | Expr::Trim { .. }
            | Expr::Nested(_)
            | Expr::Value(_)
            | Expr::TypedString(_)
            | Expr::Case { .. }
            | Expr::Exists { .. }
            | Expr::Subquery(_)
            | Expr::Interval(_)
            | Expr::Wildcard(_)
            | Expr::QualifiedWildcard(..) => ControlFlow::Continue(()),
            _ => refuse("the SQL uses an expression that is not allowed here"),
        }
    }
}

impl Guard {
    fn add(&mut self, weight: Weight) -> Flow {
        let Some(frame) = self.open.last_mut() else {
            return ControlFlow::Continue(());
        };
        frame.relations = frame.relations.saturating_add(weight.relations);
        frame.inner = frame.inner.max(weight.fan);
        if frame.relations > MAX_RELATIONS {
            return refuse(format!(
                "the SQL reads more than {MAX_RELATIONS} tables once it is expanded"
            ));
        }
        ControlFlow::Continue(())
    }

    fn function(&mut self, function: &ast::Function) -> Flow {
        let name = function.name.to_string().to_lowercase();
        if !functions::is_allowed(&name) {
            let near = nearest(&name, functions::names());
            return refuse(match near {
                Some(near) => format!("there is no function `{name}` here; did you mean `{near}`?"),
                None => format!("there is no function `{name}` here"),
            });
        }
        let FunctionArguments::List(list) = &function.args else {
            return ControlFlow::Continue(());
        };
        let Some(place) = functions::pattern_of(&name) else {
            return ControlFlow::Continue(());
        };
        let pattern = list.args.get(place).and_then(|argument| match argument {
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => Some(expr),
            _ => None,
        });
        match pattern {
            Some(pattern) if functions::is_regex(&name) => self.regex(pattern),
            Some(pattern) => written(pattern),
            None => ControlFlow::Continue(()),
        }
    }

    fn operator(&mut self, operator: &BinaryOperator, right: &Expr) -> Flow {
        use BinaryOperator as Op;
        match operator {
            Op::Plus | Op::Minus | Op::Multiply | Op::Divide | Op::Modulo | Op::StringConcat => {}
            Op::Gt | Op::Lt | Op::GtEq | Op::LtEq | Op::Eq | Op::NotEq | Op::And | Op::Or => {}
            Op::PGRegexMatch | Op::PGRegexIMatch | Op::PGRegexNotMatch | Op::PGRegexNotIMatch => {
                return self.regex(right);
            }
            Op::PGLikeMatch | Op::PGILikeMatch | Op::PGNotLikeMatch | Op::PGNotILikeMatch => {
                return written(right);
            }
            other => return refuse(format!("the operator `{other}` is not allowed here")),
        }
        ControlFlow::Continue(())
    }

    fn regex(&mut self, pattern: &Expr) -> Flow {
        self.regexes += 1;
        if self.regexes > MAX_REGEXES {
            return refuse(format!("more than {MAX_REGEXES} regular expressions"));
        }
        written(pattern)
    }
}

/// Patterns are compiled: once when they are written out, but once a row when they come from a column.
fn written(pattern: &Expr) -> Flow {
    let Expr::Value(value) = pattern else {
        return refuse("a pattern must be written out, as a text in quotes");
    };
    match value.value.clone().into_string() {
        Some(text) if text.len() <= MAX_PATTERN => ControlFlow::Continue(()),
        Some(_) => refuse(format!("a pattern is longer than {MAX_PATTERN} bytes")),
        None => refuse("a pattern must be written out, as a text in quotes"),
    }
}

fn body(body: &SetExpr) -> Flow {
    match body {
        // Queries inside are visited as such.
        SetExpr::Select(_) | SetExpr::Query(_) => ControlFlow::Continue(()),
        SetExpr::SetOperation { left, right, .. } => {
            if let ControlFlow::Break(error) = self::body(left) {
                return ControlFlow::Break(error);
            }
            self::body(right)
        }
        _ => refuse("only `SELECT` can be asked"),
    }
}

fn names_in(expr: &Expr) -> u64 {
    let mut names = 0_u64;
    let _: ControlFlow<()> = visit_expressions(expr, |expr| {
        if matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_)) {
            names = names.saturating_add(1);
        }
        ControlFlow::Continue(())
    });
    names
}
