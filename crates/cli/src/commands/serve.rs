//! `puntual serve`: the console and the portal.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};

use engine::outreach::Mailer;
use engine::schedule::{self, Ticked};
use tokio::net::TcpListener;
use web::{Config, Preparing, Web};

use crate::args::ServeArgs;
use crate::commands::{day, mail};
use crate::failure::Failure;
use crate::output;
use crate::session::Session;

/// Where it listens when nobody says: this machine only.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Serves until the process is told to stop.
pub async fn serve(session: &Session, args: ServeArgs) -> Result<(), Failure> {
    let section = session.config.web.clone().unwrap_or_default();
    let mailbox = session.config.mailbox()?;
    let mailer = day::mailer(session, args.outbox)?;
    let config = Config {
        base_url: section.base_url,
        demo: false,
    };
    let listen = args.listen.or(section.listen).unwrap_or(LISTEN);
    let listener = bind(listen).await?;
    let own = format!("http://{}", listener.local_addr()?);
    output::notice(&format!("Puntual escucha en {own}"));
    let ready = async {
        let web = Web::new(session.engine().await?, mailer, config);
        if let Some(address) = web::first_admin_address(&web, &own).await? {
            output::notice(&format!(
                "Todavía no hay usuarios. Quien abra este enlace administrará Puntual (sirve una \
                 vez, durante un día):\n  {address}"
            ));
        }
        Ok(web)
    };
    let beside = async |web: &Web| {
        let mail = mail::watch(session, &web.engine, mailbox);
        tokio::join!(mail, session.watch_law(&web.engine));
    };
    serve_and_live(ready, Preparing::Database, listener, beside).await
}

/// Serves what `ready` gives, and lives each company's day and what is done beside it, until the
/// process is told to stop.
pub async fn serve_and_live(
    ready: impl Future<Output = Result<Web, Failure>>,
    preparing: Preparing,
    listener: TcpListener,
    beside: impl AsyncFnOnce(&Web),
) -> Result<(), Failure> {
    let (living, lived) = tokio::sync::oneshot::channel();
    let ready = async {
        let web = ready.await?;
        // Nobody waits for it any more only when the process is told to stop.
        drop(living.send(web.clone()));
        Ok::<Web, Failure>(web)
    };
    let day = async {
        if let Ok(web) = lived.await {
            tokio::join!(days(&web), beside(&web));
        }
    };
    let (served, ()) = tokio::join!(web::serve(ready, preparing, listener, stopped()), day);
    served
}

/// Each company's day: its run at its hour and its messages when they are due, until the process is
/// told to stop.
async fn days(web: &Web) {
    let mailer = Mailer::clone(&web.mailer);
    let tell = |ticked: &Ticked| output::notice(&ticked_es(ticked));
    schedule::run(web.engine.clone(), Some(mailer), stopped(), tell).await;
}

fn ticked_es(ticked: &Ticked) -> String {
    let mut text = format!("{}:", ticked.company);
    if let Some(day) = ticked.ran {
        text += &format!(" corrida del {day}, {} planeados;", ticked.planned);
    }
    if ticked.sent > 0 {
        text += &format!(" {} enviados;", ticked.sent);
    }
    if let Some(failed) = &ticked.failed {
        text += &format!(" no se pudo: {failed};");
    }
    text.trim_end_matches([';', ':']).to_owned()
}

/// Takes an address.
pub async fn bind(listen: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(listen).await.map_err(|error| {
        Failure::new(format!(
            "no se pudo escuchar en {listen} ({error}): elija otro puerto"
        ))
    })
}

/// Ends when the process is told to stop.
pub async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = interrupted => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(_) => drop(interrupted.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupted.await);
}
