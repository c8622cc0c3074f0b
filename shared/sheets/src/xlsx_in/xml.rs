use super::part::PartReader;
use crate::SheetError;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesEnd, BytesStart, Event};
use std::borrow::Cow;

/// Elements that may stand inside each other. Worksheets need about ten.
const MAX_DEPTH: u32 = 64;

/// A part read as XML. Document types are refused and the five entities of XML are the only ones known, so
/// nothing can be expanded or fetched.
pub(super) struct Xml<'a> {
    reader: Reader<PartReader<'a>>,
    buffer: Vec<u8>,
    depth: u32,
}

/// A piece of XML; an empty element comes as a start and an end.
pub(super) enum Node<'b> {
    Start(BytesStart<'b>),
    End(BytesEnd<'b>),
    Text(Cow<'b, str>),
    /// A comment or an instruction.
    Aside,
}

impl<'a> Xml<'a> {
    pub(super) fn new(part: PartReader<'a>) -> Self {
        let mut reader = Reader::from_reader(part);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::with_capacity(1024), depth: 0 }
    }

    /// The next piece; `None` at the end of the part.
    pub(super) fn next(&mut self) -> Result<Option<Node<'_>>, SheetError> {
        self.buffer.clear();
        self.reader.get_mut().begin_token();
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => {
                let refusal = self.reader.get_mut().take_refusal();
                return Err(refusal.unwrap_or_else(|| SheetError::damaged(format!("its XML cannot be read ({error})"))));
            }
        };
        Ok(Some(match event {
            Event::Start(element) | Event::Empty(element) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(SheetError::damaged("its XML is nested too deeply"));
                }
                Node::Start(element)
            }
            Event::End(element) => {
                self.depth = self.depth.saturating_sub(1);
                Node::End(element)
            }
            Event::Text(text) => Node::Text(text.xml10_content()),
            Event::CData(text) => Node::Text(text.xml10_content()),
            Event::GeneralRef(reference) => {
                let named = || resolve_xml_entity(&reference).map(Cow::Borrowed);
                let text = match reference.resolve_char_ref() {
                    Ok(Some(letter)) => Cow::Owned(letter.to_string()),
                    Ok(None) => named().ok_or(SheetError::ForbiddenXml)?,
                    Err(_) => return Err(SheetError::damaged("its XML refers to no character")),
                };
                Node::Text(text)
            }
            Event::DocType(_) => return Err(SheetError::ForbiddenXml),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Node::Aside,
            Event::Eof if self.depth > 0 => {
                return Err(SheetError::damaged("its XML ends too early"));
            }
            Event::Eof => return Ok(None),
        }))
    }

    pub(super) fn inflated(&self) -> u64 {
        self.reader.get_ref().inflated()
    }
}

/// An attribute by its name without prefix, unescaped.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, SheetError> {
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| bad_attribute())?;
        if attribute.key.local_name().as_ref() == name {
            let value = quick_xml::escape::unescape(&attribute.value).map_err(|_| bad_attribute())?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

pub(super) fn bad_attribute() -> SheetError {
    SheetError::damaged("an attribute of its XML cannot be read")
}
