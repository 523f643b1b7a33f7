from bot.language.dialect import canonical as lemma
