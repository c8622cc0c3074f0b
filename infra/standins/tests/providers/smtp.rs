use std::sync::Arc;
use std::time::Instant;

use providers::{Mail, Mailer, Reach, SendError, Smtp, SmtpSecurity};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use standins::smtp::{self, Stage};

use crate::{SECRET, TIMEOUT, credential, is_clean, outbox, serve};

const USER: &str = "crm@example.com";

fn port(base: &str) -> u16 {
    base.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).expect("a port")
}

/// A server without TLS, which is here.
async fn plain(password: &str) -> (smtp::Smtp, Mailer) {
    let double = smtp::Smtp::new(outbox(), USER, password);
    let base = serve!(double);
    (double, mailer(&base, SmtpSecurity::Plain, None))
}

#[expect(clippy::disallowed_methods, reason = "the doubles are here")]
fn mailer(base: &str, security: SmtpSecurity, root: Option<&str>) -> Mailer {
    let server = ("localhost", port(base));
    let smtp = Smtp::new(Reach::with_loopback(), server, security, root, TIMEOUT).expect("a server");
    Mailer::over(Arc::new(smtp.signed_in(USER, &credential(SECRET))), "Example <crm@example.com>")
}

/// A certificate for `localhost`, as the server has it and as who trusts it has it.
fn certificate() -> (ServerConfig, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("it fits");
    (config, made.cert.pem())
}

/// A mail whose lines begin with dots.
fn mail() -> Mail {
    Mail { text: "One\n.\n..Grüße\n".to_owned(), html: Some("<p>Grüße</p>".to_owned()), ..crate::mail() }
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written_over_each_kind_of_connection() {
    for security in [SmtpSecurity::Plain, SmtpSecurity::StartTls, SmtpSecurity::Tls] {
        let (config, root) = certificate();
        let double = smtp::Smtp::new(outbox(), USER, SECRET);
        let double = match security {
            SmtpSecurity::Plain => double,
            SmtpSecurity::StartTls => double.with_tls(config, false),
            SmtpSecurity::Tls => double.with_tls(config, true),
        };
        let base = serve!(double);
        let id = mailer(&base, security, Some(&root)).send(&mail()).await.expect("it is taken");
        let kept = double.outbox().messages(None, 10).expect("listed");
        let [kept] = &kept[..] else { panic!("one") };
        assert!(id.ends_with(&format!("{:016}", kept.id)), "{id}");
        assert_eq!((kept.from.as_str(), kept.to.as_slice()), (USER, &["asha98765@example.com".to_owned()][..]));
        assert_eq!((kept.channel.as_str(), kept.subject.as_str()), ("email", "Grüße"));
        let read = mail_parser::MessageParser::default().parse(&kept.raw).expect("a message");
        assert_eq!(read.message_id(), Some("msg_1@example.com"));
        let text = read.body_text(0).expect("a text").replace("\r\n", "\n");
        assert_eq!(text.trim_end(), "One\n.\n..Grüße", "dots at the beginning of lines stay");
    }
}

#[tokio::test]
async fn nobody_without_the_right_certificate_gets_a_password_or_a_mail() {
    let (config, root) = certificate();
    let (_, another) = certificate();
    let strange = smtp::Smtp::new(outbox(), USER, SECRET).with_tls(config, true);
    let base = serve!(strange);
    for root in [None, Some(another.as_str())] {
        let error = mailer(&base, SmtpSecurity::Tls, root).send(&mail()).await.expect_err("it is not trusted");
        assert!(matches!(error, SendError::NotTaken { .. }) && is_clean(&error), "{error:?}");
    }
    // A server that offers no TLS is asked for nothing else.
    let (bare, _) = plain(SECRET).await;
    let base = serve!(bare);
    for security in [SmtpSecurity::StartTls, SmtpSecurity::Tls] {
        let error = mailer(&base, security, Some(&root)).send(&mail()).await.expect_err("it is not encrypted");
        assert!(matches!(error, SendError::NotTaken { .. }), "{security:?}: {error:?}");
    }
    assert_eq!(strange.outbox().count().expect("counted") + bare.outbox().count().expect("counted"), 0);
}

#[tokio::test]
async fn what_a_server_refuses_for_good_is_refused_and_the_rest_comes_again() {
    let (double, mailer) = plain(SECRET).await;
    for (stage, code, is_final) in [
        (Stage::Greeting, 421, false),
        (Stage::Greeting, 554, false),
        (Stage::Login, 454, false),
        (Stage::Login, 534, false),
        (Stage::Sender, 451, false),
        (Stage::Sender, 553, true),
        (Stage::Recipient, 450, false),
        (Stage::Recipient, 550, true),
        (Stage::Data, 554, true),
        (Stage::Message, 452, false),
        (Stage::Message, 552, true),
    ] {
        double.trouble(stage, Some(code));
        let error = mailer.send(&mail()).await.expect_err("it is not taken");
        assert!(is_clean(&error) && error.to_string().contains(&code.to_string()), "{error:?}");
        assert_eq!(matches!(error, SendError::Refused(_)), is_final, "{stage:?} {code}: {error:?}");
    }
    assert_eq!(double.outbox().count().expect("counted"), 0);
    mailer.send(&mail()).await.expect("the trouble is over");
}

#[tokio::test]
async fn a_server_that_never_answers_is_left() {
    let (double, mailer) = plain(SECRET).await;
    for stage in [Stage::Greeting, Stage::Login, Stage::Recipient, Stage::Message] {
        double.trouble(stage, None);
        let begun = Instant::now();
        let error = mailer.send(&mail()).await.expect_err("it does not answer");
        assert_eq!(error, SendError::Unknown("the mail server did not answer in time".to_owned()), "{stage:?}");
        assert!(begun.elapsed() < TIMEOUT * 3, "{stage:?}");
    }
}

#[tokio::test]
async fn a_wrong_password_opens_nothing_and_no_log_shows_the_right_one() {
    let (double, mailer) = plain("another-secret").await;
    let error = mailer.send(&mail()).await.expect_err("it is not let in");
    assert_eq!(error, SendError::not_taken("the mail server did not take our name and password (535)"));
    let shown = format!("{mailer:?} {double:?}");
    assert!(!shown.contains("secret"), "{shown}");
}
