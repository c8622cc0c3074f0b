use super::cell::Collector;
use super::package::Package;
use super::xml::Node;
use crate::{Limits, SheetError};
use std::collections::HashSet;

/// The strings that cells share, end to end in one piece of memory.
#[derive(Default)]
pub(super) struct SharedStrings {
    text: String,
    ends: Vec<usize>,
    too_long: HashSet<usize>,
}

/// A shared string.
pub(super) enum Shared<'s> {
    Text(&'s str),
    TooLong,
}

impl SharedStrings {
    pub(super) fn read(package: &mut Package<'_>, name: Option<&str>, limits: &Limits) -> Result<Self, SheetError> {
        let mut strings = Self::default();
        let Some(mut part) = name.map(|name| package.part(name)).transpose()?.flatten() else {
            return Ok(strings);
        };
        let mut collector = Collector::new(limits.max_cell_bytes);
        while let Some(node) = part.next()? {
            match node {
                Node::Start(element) => match element.local_name().as_ref() {
                    "si" => collector.restart("t"),
                    name => collector.open(name),
                },
                Node::Text(text) => collector.push(&text),
                Node::End(element) => match element.local_name().as_ref() {
                    "si" => strings.add(&mut collector, limits)?,
                    name => collector.close(name),
                },
                Node::Aside => {}
            }
        }
        package.spend(&part);
        Ok(strings)
    }

    fn add(&mut self, collector: &mut Collector, limits: &Limits) -> Result<(), SheetError> {
        match collector.take_escaped() {
            Some(text) => self.text.push_str(&text),
            None => {
                self.too_long.insert(self.ends.len());
            }
        }
        self.ends.push(self.text.len());
        let held = self.text.len() + self.ends.len() * size_of::<usize>();
        if held > limits.max_shared_bytes {
            return Err(SheetError::TooMuchText { limit: limits.max_shared_bytes as u64 });
        }
        Ok(())
    }

    /// The string of an index as a cell gives it.
    pub(super) fn get(&self, index: &str) -> Result<Shared<'_>, SheetError> {
        let missing = || SheetError::damaged("a cell refers to a string that is not there");
        let index: usize = index.trim().parse().map_err(|_| missing())?;
        if self.too_long.contains(&index) {
            return Ok(Shared::TooLong);
        }
        let end = *self.ends.get(index).ok_or_else(missing)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        Ok(Shared::Text(&self.text[start..end]))
    }
}
