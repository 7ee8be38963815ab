//! The meaning of a refusal's words in languages other than English, as in `phrases`. Many servers
//! write without accents.

use super::phrases::Row;
use super::phrases::Weight::{Clears, Condemns, MayClear, MayCondemn, Temporary};
use super::vocabulary::Category::{
    InactiveMailbox, InvalidAddress, InvalidDomain, InvalidRecipient, InvalidSender, MailboxFull,
    RateLimited, Reputation, System,
};

/// The rows, by what they say, and then by language.
#[rustfmt::skip]
pub(super) const TONGUES: &[Row] = &[
    // This is the sender, who may be unknown in other languages, too.
    (Clears, InvalidSender,
     "absender|expediteur|expéditeur|emetteur|émetteur|remitente|remetente|mittente|nadawc|\
      afzender|avsändare|отправител|发件人|寄件者|差出人|送信者"),
    (Clears, RateLimited,
     "trop de connexions|zu viele verbindungen|zu viele nachrichten|troppi messaggi|trop de messages|demasiados mensajes|muitas mensagens|demasiadas conexiones|troppe connessioni|发送频率|频率限制"),
    (Clears, Reputation,
     "adresse ip source bloquee|adresse ip source bloquée|ip bloquee|auf der schwarzen liste|\
      blokeeris|lista negra|liste noire|lista nera|czarnej liście|czarnej liscie|raisons de politique|\
      por contenido|por spam|чёрном списке|черном списке|黑名单|黑名單"),
    (Clears, MailboxFull,
     "postfach voll|postfach ist voll|mailbox ist voll|mailbox voll|speicherplatz erschöpft|\
      speicherplatz erschoepft|zuviele mails auf dem server|kontingent überschritten|\
      boite du destinataire pleine|boîte du destinataire pleine|boite aux lettres pleine|\
      boîte aux lettres pleine|boite pleine|boîte pleine|quota depasse|quota dépassé|buzon lleno|\
      buzón lleno|mailbox lleno|está lleno|esta lleno|casilla llena|cuota excedida|casella piena|\
      casella di posta piena|spazio esaurito|caixa postal cheia|caixa cheia|cota excedida|\
      skrzynka pełna|jest pełna|jest pelna|est saturée|est saturee|est pleine|está cheia|esta cheia|está llena|esta llena|è piena|e piena|skrzynka pelna|skrzynka przepełniona|mailbox vol|postvak vol|переполнен|邮箱已满|\
      郵箱已滿|信箱已滿|空间不足|容量超過|容量不足|いっぱい|満杯|용량이 초과|용량 초과|가득容量オーバー"),
    (Condemns, InvalidRecipient,
     "benutzer unbekannt|benutzer nicht bekannt|benutzer nicht gefunden|benutzer existiert nicht|\
      unbekannter benutzer|empfänger unbekannt|empfaenger unbekannt|empfänger nicht gefunden|\
      empfänger existiert nicht|unbekannter empfänger|unbekannter empfaenger|adressat unbekannt|\
      adresse unbekannt|unbekannte adresse|adresse nicht gefunden|adresse existiert nicht|\
      postfach existiert nicht|postfach unbekannt|postfach nicht gefunden|kein postfach|\
      kein benutzer|mailbox unbekannt|utilisateur inconnu|utilisateur inexistant|\
      destinataire inconnu|destinataire invalide|destinataire inexistant|adresse inconnue|\
      adresse inexistante|compte inexistant|compte inconnu|boite inexistante|boîte inexistante|\
      usuario desconocido|usuario no existe|usuario inexistente|usuario no encontrado|\
      destinatario desconocido|destinatario inexistente|destinatario no existe|\
      no existe ese usuario|no existe el usuario|no existe dicha persona|no existe la cuenta|\
      cuenta no existe|cuenta inexistente|buzon no existe|buzón no existe|direccion desconocida|\
      dirección desconocida|direccion no existe|dirección no existe|usuário desconhecido|\
      usuario desconhecido|usuário inexistente|usuário não existe|usuario nao existe|\
      usuário não encontrado|destinatário desconhecido|destinatario desconhecido|\
      destinatário inexistente|destinatário não existe|conta inexistente|conta não existe|\
      caixa postal inexistente|endereço inexistente|utente sconosciuto|utente inesistente|\
      utente non trovato|destinatario sconosciuto|destinatario inesistente|destinatario errato|\
      destin sconosciuto|indirizzo inesistente|indirizzo sconosciuto|indirizzo non esiste|\
      indirizzo destinatario sconosciuto|nessun utente|casella inesistente|nie ma takiego konta|\
      nie ma takiego użytkownika|nie ma takiego uzytkownika|konto nie istnieje|adres nie istnieje|\
      nieznany użytkownik|nieznany uzytkownik|nieznany odbiorca|gebruiker onbekend|\
      onbekende gebruiker|onbekende ontvanger|ontvanger onbekend|gebruiker bestaat niet|\
      adres bestaat niet|okänd användare|okänd mottagare|ukendt bruger|ukendt modtager|\
      ukjent bruker|ukjent mottaker|tuntematon vastaanottaja|tuntematon käyttäjä|neznámý uživatel|\
      uživatel neexistuje|neznámy používateľ|ismeretlen felhasználó|ismeretlen címzett|\
      utilizator necunoscut|utilizator inexistent|kullanıcı bulunamadı|kullanici bulunamadi|\
      пользователь не найден|пользователь не существует|нет такого пользователя|\
      неизвестный пользователь|адресат не найден|получатель не найден|получатель не существует|\
      ящик не существует|ящик не найден|άγνωστος χρήστης|用户不存在|用戶不存在|收件人不存在|帐号不存在|账号不存在|帐户不存在|\
      账户不存在|帳號不存在|邮箱不存在|郵箱不存在|信箱不存在|无此用户|無此用戶|無此使用者|查无此用户|找不到收件人|宛先不明|宛先が見つかりません|宛先が存在しません|\
      ユーザーが存在しません|ユーザが存在しません|メールアドレスが存在しません|アドレスは存在しません|사용자가 존재하지|존재하지 않는 사용자|없는 사용자"),
    (Condemns, InactiveMailbox,
     "konto deaktiviert|konto gesperrt|postfach deaktiviert|postfach gesperrt|\
      postfach wurde geschlossen|boite du destinataire archivee|boîte du destinataire archivée|\
      boite aux lettres desactivee|boîte aux lettres désactivée|compte desactive|compte désactivé|\
      compte du destinataire est bloque|compte ferme|compte fermé|cuenta desactivada|\
      cuenta deshabilitada|cuenta cancelada|casilla ha expirado|usuario inactivo|estado inactivo|\
      conta desativada|conta bloqueada|conta cancelada|mailbox disatttivata|mailbox disattivata|\
      casella disattivata|casella disabilitata|bloccato per inutilizzo|\
      zablokowane administracyjnie|konto zablokowane|учетная запись отключена|ящик отключен|\
      ящик заблокирован|账号已停用|帐号已停用|邮箱已停用"),
    (Condemns, InvalidDomain,
     "unbekannte domain|domain unbekannt|domaine inconnu|domaine inexistant|dominio desconocido|\
      dominio inexistente|dominio no existe|domínio inexistente|dominio inesistente|\
      domena nie istnieje|домен не существует|域名不存在"),
    (Condemns, InvalidAddress,
     "ungültige adresse|ungueltige adresse|ungültige empfängeradresse|ungültiger empfänger|\
      adresse invalide|direccion invalida|dirección inválida|dirección no válida|\
      endereço inválido|indirizzo non valido|nieprawidłowy adres"),
    (MayClear, Reputation,
     "unerwünscht|bloquee|bloquée|bloqueado|bloccato|zablokowan|заблокирован|antyspam|спам|垃圾邮件|\
      迷惑メール"),
    (Temporary, System,
     "vorübergehend|voruebergehend|später erneut|spaeter erneut|veuillez essayer plus tard|\
      réessayer plus tard|temporaire|intente mas tarde|inténtelo más tarde|intentelo mas tarde|\
      tente novamente|riprovare più tardi|riprovare piu tardi|tymczasow|временно|请稍后|稍后再试"),
    (MayCondemn, InvalidRecipient,
     "existiert nicht|n'existe pas|no existe|não existe|nao existe|non esiste|nie istnieje|\
      bestaat niet|не существует"),
];
