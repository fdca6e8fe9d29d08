//! The words in which a message says what a law forbids. Written for the Spanish, Portuguese and
//! English of collection letters; a list that misses a phrase is mended here, with its case.

use domain::law::Forbidden;

use super::words::Phrases;

/// Phrases of one kind, and larger ones in which they mean something else.
pub(super) struct Group {
    pub phrases: Phrases<'static>,
    pub but: Phrases<'static>,
}

/// Which groups a law's word is about; none where no reader of words can tell.
pub(super) fn groups(what: Forbidden) -> impl Iterator<Item = &'static Group> {
    let [one, two, three] = match what {
        Forbidden::CourtReference => [Some(&COURT), Some(&COURT_DOCUMENT), None],
        Forbidden::SimulatedCourtDocument | Forbidden::JudicialAppearance => {
            [Some(&COURT_DOCUMENT), None, None]
        }
        Forbidden::ResemblesPublicInstitution | Forbidden::PoseAsAuthority => {
            [Some(&AUTHORITY), None, None]
        }
        Forbidden::ThreatOffence => [Some(&THREAT), Some(&OFFENCE), None],
        Forbidden::ThreatOrConstraint | Forbidden::FalseThreat => [Some(&THREAT), None, None],
        Forbidden::Ridicule | Forbidden::Defame | Forbidden::Humiliate | Forbidden::Profanity => {
            [Some(&OFFENCE), None, None]
        }
        Forbidden::ShamingVexatious => [Some(&THREAT), Some(&OFFENCE), Some(&EXPOSURE)],
        Forbidden::PublicShaming
        | Forbidden::BlacklistsPosters
        | Forbidden::Posters
        | Forbidden::PeopleWithSigns
        | Forbidden::DebtorLists
        | Forbidden::SocialMediaPost => [Some(&EXPOSURE), None, None],
        Forbidden::InformsThirdParty | Forbidden::MentionToThirdParty => {
            [Some(&OTHERS), None, None]
        }
        Forbidden::HomePrivacyJob | Forbidden::ReputationHomeWork | Forbidden::WorkRestLeisure => {
            [Some(&HOME_AND_JOB), None, None]
        }
        Forbidden::AskReason => [Some(&REASON), None, None],
        Forbidden::PayToCollector => [Some(&COLLECTOR_PAID), None, None],
        Forbidden::FalseStatement | Forbidden::Postcard | Forbidden::EnvelopeReveals => {
            [None, None, None]
        }
    };
    [one, two, three].into_iter().flatten()
}

/// Courts, suits and what comes of them.
static COURT: Group = Group {
    phrases: Phrases::new(&[
        "judicial*",
        "judicializ*",
        "prejudicial",
        "juicio|juicios",
        "juridico|juridica|juridicas|juridicos",
        "juzgado*",
        "juez|jueza|jueces",
        "juizo",
        "juiz",
        "tribunal*",
        "corte suprema",
        "corte de apelaciones",
        "demanda|demandas|demandado|demandada|demandarlo|demandarla|demandarle",
        "demandar|demandaremos|demandara|demandarte",
        "querella*",
        "embargo|embargos|embargar*|embargad*|embargable*|embargue*",
        "penhora*",
        "remate judicial",
        "remate ~ bienes",
        "rematar ~ bienes",
        "remataremos ~ bienes",
        "desalojo",
        "lanzamiento",
        "litigio*",
        "litigar*",
        "litigacion",
        "pleito*",
        "sentencia|sentencias",
        "medida|medidas precautoria*|cautelar*",
        "accion|acciones legal*",
        "acao|acoes legal|legais",
        "proceso|procesos legal*",
        "processo|processos legal|legais",
        "procedimiento|procedimientos legal*|ejecutivo*",
        "via|vias legal*|ejecutiva*",
        "instancia|instancias legal*",
        "etapa|fase legal",
        "cobranza|cobro legal",
        "departamento|area|equipo|estudio legal",
        "consecuencias legales",
        "medidas legales",
        "ejecucion forzada",
        "ejecucion de ~ bienes",
        "ejecutar ~ bienes",
        "emplaza*",
        "comparec*",
        "apercib*",
        "causa rol",
        "notificacion legal",
        "fiscalia",
        "liquidacion forzosa",
        "acao de cobranca",
        "oficial de justica",
        "en|ante la justicia",
        "na justica",
        "court|courts",
        "lawsuit*",
        "litigation",
        "summons",
        "subpoena",
        "sue|sued|suing",
        "legal action*",
        "legal proceeding*",
        "judge|judgment|judgement",
    ]),
    but: Phrases::new(&[
        "sin embargo",
        "no obstante sin embargo",
        "alta|gran|mucha|mayor|baja|fuerte demanda",
        "demanda de productos|energia|mercado|servicios",
        "no ~ procedimiento ejecutivo",
        "a su juicio",
        "a nuestro juicio",
        "lanzamiento de ~ producto*",
        "nuevo lanzamiento",
        "court street|avenue|road",
        "persona|personas ~ juridica|juridicas",
    ]),
};

/// What only courts write.
static COURT_DOCUMENT: Group = Group {
    phrases: Phrases::new(&[
        "orden de embargo",
        "orden judicial",
        "orden de aprehension|arresto|captura|detencion",
        "mandamiento de *",
        "mandamiento judicial",
        "mandato judicial",
        "acta de embargo",
        "diligencia de embargo",
        "diligencia judicial",
        "notificacion|notificaciones judicial*",
        "cedula de notificacion",
        "cedula judicial",
        "citatorio*",
        "citacion judicial",
        "citacion a comparecer",
        "citado|citada a comparecer",
        "debera comparecer",
        "emplazamiento*",
        "requerimiento judicial*",
        "requerimiento de pago judicial",
        "aviso judicial",
        "exhorto judicial",
        "expediente judicial",
        "expediente ~ juzgado",
        "juzgado # *",
        "juzgado primero|segundo|tercero|cuarto|quinto|sexto|septimo|octavo|noveno|decimo*",
        "poder judicial",
        "sentencia dictada|condenatoria|definitiva",
        "resolucion judicial",
        "auto admisorio",
        "embargo precautorio decretado",
        "embargo ~ decretado|ordenado|trabado",
        "actor vs|contra demandado",
        "se le notifica la demanda",
        "se ha decretado ~ embargo",
        "ha sido demandado|demandada",
        "intimacao judicial",
        "mandado de penhora|citacao|intimacao",
        "ordem judicial",
        "court order",
        "you are hereby summoned",
        "hereby ordered",
        "writ of *",
    ]),
    but: Phrases::new(&[]),
};

/// Speaking as one who may command.
static AUTHORITY: Group = Group {
    phrases: Phrases::new(&[
        "actuario*",
        "receptor judicial",
        "oficial de justicia|justica",
        "agente judicial|ministerial|federal",
        "ministerio publico|de justicia",
        "procuraduria general|de justicia",
        "fiscalia",
        "somos ~ autoridad*",
        "en nombre de la autoridad",
        "en nombre del gobierno|estado|juzgado|tribunal",
        "autoridad judicial",
        "autoridades judiciales",
        "por orden del juez|juzgado|tribunal|gobierno",
        "le habla|escribe la policia|fiscalia",
        "policia judicial|ministerial|federal|nacional",
        "unidad de delitos",
        "we are the police",
        "government agent*",
        "tribunal de cobranza*",
        "corte de cobranza*",
        "procuraduria de cobranza*",
        "direccion federal de cobranza*",
        "direccion nacional de cobranza*",
    ]),
    but: Phrases::new(&[]),
};

/// What frightens instead of informing.
static THREAT: Group = Group {
    phrases: Phrases::new(&[
        "carcel",
        "prision",
        "cadeia",
        "preso|presa",
        "encarcel*",
        "tras las rejas",
        "arrest|arresto|arrestad*|arrestar*|arrested",
        "jail|prison",
        "sera|seras|ser detenid*",
        "orden de aprehension|arresto|captura|detencion",
        "denuncia|denuncias|denunciar* ~ penal*",
        "denunci* ~ fraude|estafa|robo",
        "accion|acciones penal*",
        "via penal",
        "delito de fraude|robo|estafa",
        "comet* ~ delito",
        "atengase a *",
        "atente a *",
        "atienese a *",
        "se va|vas a arrepentir",
        "se arrepentira",
        "te arrepentiras",
        "vai se arrepender",
        "you will regret",
        "por las malas",
        "las malas",
        "sabemos donde vive*",
        "sabemos donde trabaja*",
        "sabemos onde voce",
        "sabemos donde ~ hijos|familia|escuela",
        "we know where you",
        "lo|la|los|te vamos a buscar",
        "vamos a ir por usted|ti",
        "iremos por usted|ti",
        "le va|puede pasar algo",
        "algo malo",
        "cuide|cuida a su|tu familia",
        "por el bien de su|tu familia",
        "le quitaremos *",
        "vamos a quitarle",
        "te vamos a quitar",
        "le embargaremos ~ hoy|manana",
        "ultima oportunidad antes de",
        "se lo advierto",
        "se lo advertimos",
        "quedar* en la calle",
        "deporta*",
        "quitarle ~ hijos",
        "romper* ~ piernas|cara",
        "golpe*",
        "matar*|mataremos",
    ]),
    but: Phrases::new(&[
        "golpe de suerte|vista|timon",
        "prision preventiva oficiosa",
        "sala de prision",
    ]),
};

/// What offends.
static OFFENCE: Group = Group {
    phrases: Phrases::new(&[
        "sinverguenza*",
        "ratero|ratera|rateros",
        "ladron|ladrona|ladrones|ladrao",
        "estafador*",
        "tramposo|tramposa|tramposos",
        "mala paga",
        "mal pagador*",
        "caloteiro*",
        "vagabundo*",
        "caradura*",
        "muerto de hambre",
        "irresponsable|irresponsables",
        "sin palabra",
        "deshonesto|deshonesta",
        "delincuente*",
        "idiota*",
        "estupid*",
        "imbecil*",
        "pendej*",
        "huevon*",
        "cabron*",
        "mierda",
        "inutil|inutiles",
        "verguenza",
        "vergonha",
        "no tiene|tienes ~ verguenza|dignidad|honor",
        "deadbeat*",
        "crook*",
        "scumbag*",
        "shame on you",
    ]),
    but: Phrases::new(&[
        "sin verguenza de pedir",
        "no es una verguenza",
        "no le de|cause verguenza",
    ]),
};

/// Showing a debt to the world.
static EXPOSURE: Group = Group {
    phrases: Phrases::new(&[
        "publicar*|difundir*|exhibir* ~ nombre|foto|deuda|datos",
        "publicaremos su|tu",
        "publicar* ~ redes",
        "redes sociales ~ deuda|moros*|deudor*",
        "subir* ~ redes|facebook",
        "lista ~ morosos|deudores",
        "listas ~ morosos|deudores",
        "lista negra",
        "listas negras",
        "lista ~ inadimplentes|caloteiros",
        "cartel*|letrero*|lona|lonas|pancarta* ~ casa|domicilio|negocio",
        "colocar*|pegar*|poner*|pondremos ~ cartel*|letrero*|lona|lonas",
        "aviso ~ puerta|barrio",
        "que todos|todo ~ sepan|sepa|enteren|entere",
        "sus vecinos|contactos ~ sabran|enteraran|conoceran",
        "exponer* ~ publicamente",
        "quedar* expuest*",
        "quemar* ~ redes",
        "expor ~ redes",
        "post ~ social media",
        "publish your name",
        "escrach*",
    ]),
    but: Phrases::new(&["siganos en redes sociales", "nuestras redes sociales"]),
};

/// Telling others.
static OTHERS: Group = Group {
    phrases: Phrases::new(&[
        "avisar*|informar*|contar*|diremos|comunicar* ~ jefe|patron|empleador|vecino|vecinos",
        "avisar*|informar*|contar*|diremos|comunicar* ~ familiares|familia|esposa|esposo|hijos",
        "notificar* ~ jefe|patron|empleador|vecinos|familiares|familia|esposa|esposo|hijos",
        "llamar*|contactar*|hablar* ~ jefe|patron|empleador|vecinos|familiares|familia",
        "llamar*|contactar*|hablar* ~ esposa|esposo|hijos|companeros",
        "avisar*|informar*|llamar*|contactar* ~ sus referencias",
        "avisar*|ligar*|falar* ~ chefe|patrao|vizinhos|familiares|familia",
        "digale a ~ que ~ deuda|debe|pague|pagar",
        "informe a ~ que ~ debe|adeuda|deuda",
        "su esposo|esposa|hijo|hija|hermano|hermana|padre|madre ~ debe|adeuda|deuda",
        "su vecino|vecina|empleado|empleada|amigo|amiga ~ debe|adeuda|deuda",
        "tell your boss|employer|family|neighbors|neighbours",
        "call your boss|employer|family|neighbors|neighbours",
    ]),
    but: Phrases::new(&[
        "si|sea|puede|pueda|podria ~ avisar|informar",
        "para hablar con ~ empresa",
        "empresa familiar",
    ]),
};

/// Home, job, rest.
static HOME_AND_JOB: Group = Group {
    phrases: Phrases::new(&[
        "llamar*|hablar*|avisar* ~ jefe|patron|empleador|trabajo",
        "ir|iremos|acudir* ~ trabajo|casa|domicilio",
        "presentarnos|presentaremos ~ trabajo|casa|domicilio",
        "perder* ~ empleo|trabajo",
        "lo|la despid*",
        "a cualquier hora del dia",
        "dia y noche",
        "de dia y de noche",
        "no lo|la dejaremos en paz|dormir|descansar",
        "no te dejaremos",
        "nao vamos parar de ligar",
        "vamos ligar para ~ trabalho",
        "at your work|workplace",
    ]),
    but: Phrases::new(&["presentar ~ comprobante", "trabajo en equipo"]),
};

/// Asking why.
static REASON: Group = Group {
    phrases: Phrases::new(&[
        "por que no ~ pago|pagado|pagaron|cumplio|cumplido|abonado",
        "porque no ha pagado",
        "por que ~ atraso|atrasado|retraso|retrasado|mora|incumpl*",
        "motivo|motivos|razon|razones|causa|causas ~ atraso|retraso|incumplimiento|mora|impago",
        "motivo|motivos|razon|razones|causa|causas ~ no ~ pago|pagado|pagar|cancelado",
        "motivo|razon del no pago",
        "a que se debe ~ atraso|retraso|incumplimiento|mora|demora",
        "que le impidio|impide ~ pagar|cumplir|pago",
        "explique|expliquenos|explicar ~ atraso|retraso|incumplimiento|mora|impago",
        "en que gasto",
        "why have|did you not ~ paid|pay",
        "why you have not paid",
    ]),
    but: Phrases::new(&["a|por causa de", "con|por motivo de", "en|por razon de"]),
};

/// Money into the wrong hands.
static COLLECTOR_PAID: Group = Group {
    phrases: Phrases::new(&[
        "pague|pagar|entregue|entregar ~ gestor|cobrador|asesor|despacho",
        "deposite|depositar|transfiera ~ gestor|cobrador|asesor|despacho",
        "cuenta personal",
        "mi cuenta",
        "a mi nombre",
        "en efectivo ~ gestor|cobrador|asesor|visitador",
        "tarjeta personal",
    ]),
    but: Phrases::new(&[
        "no ~ pague|entregue|deposite ~ gestor|cobrador|asesor|despacho",
        "no ~ gestor|cobrador|despacho",
        "ver mi cuenta",
        "mi cuenta y",
    ]),
};
