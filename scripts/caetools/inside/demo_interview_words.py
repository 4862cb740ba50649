"""What the reports of the demo's interviews say: by trade, spring and autumn."""

#: Trade: (review, prospects) of the first half of the year, then of the second.
TRADES = {
    "Bijouterie": (
        (
            "Les ventes de décembre ont porté l’hiver ; depuis février la boutique de "
            "créateurs qui prend vingt pièces par mois fait l’essentiel du chiffre.",
            "Deux salons d’été sont réservés. Une boutique de Pornic demande un dépôt-"
            "vente : à chiffrer avant de répondre.",
        ),
        (
            "L’été a été bon sur les marchés, mais le prix de l’argent a monté : la "
            "marge sur les bagues simples n’est plus que de 41 %.",
            "Nouvelle collection prête pour fin novembre, huit commandes de Noël "
            "déjà passées par d’anciennes clientes.",
        ),
    ),
    "Coaching sportif": (
        (
            "Les séances en entreprise ont repris en janvier : trois contrats de dix "
            "séances. Les cours particuliers stagnent.",
            "Un comité d’entreprise de Carquefou hésite pour la rentrée ; la réponse "
            "viendra avant l’été.",
        ),
        (
            "Le planning est plein le midi et vide le matin. Un client a payé avec "
            "soixante jours de retard, ce qui a pesé sur la trésorerie.",
            "Contrat d’un an en discussion avec une maison de santé, deux demi-"
            "journées par semaine.",
        ),
    ),
    "Conseil": (
        (
            "Une seule mission longue ce semestre, bien payée, qui laisse peu de temps "
            "pour chercher la suivante.",
            "La mission s’arrête fin juillet. Trois propositions écrites, dont une "
            "avec un confrère de la coopérative.",
        ),
        (
            "Deux missions courtes ont remplacé la longue : plus de déplacements, le "
            "même chiffre, et un meilleur équilibre des clients.",
            "Le carnet est plein jusqu’à février ; une collectivité lance un appel "
            "d’offres en décembre.",
        ),
    ),
    "Couture": (
        (
            "Les retouches paient le loyer de l’atelier ; les robes de mariée "
            "demandent plus d’heures que prévu, dix-huit au lieu de douze.",
            "Cinq mariages signés pour l’été, acomptes encaissés.",
        ),
        (
            "La saison des mariages s’est bien passée. Les heures réelles ont été "
            "notées pour chaque robe : le prix de base va monter de 15 %.",
            "Un théâtre demande trente costumes pour mars ; la trésorerie doit porter "
            "l’achat des tissus.",
        ),
    ),
    "Développement web": (
        (
            "Deux sites livrés, un troisième retardé par les contenus du client. La "
            "maintenance rapporte 460 € par mois, sans prospection.",
            "Trois devis en attente pour 8 400 €. Le tarif journalier passe de 350 à "
            "380 € pour les nouveaux clients.",
        ),
        (
            "Le gros projet de l’année est livré et payé. La part des clients "
            "réguliers atteint la moitié du chiffre.",
            "Une agence propose cinq jours par mois en sous-traitance ; à accepter "
            "seulement si le délai de paiement reste à trente jours.",
        ),
    ),
    "Formation": (
        (
            "Onze journées animées depuis janvier, toutes par le même organisme : la "
            "dépendance est forte, à 72 % du chiffre.",
            "Un catalogue court est prêt. Objectif : deux clients directs avant l’été.",
        ),
        (
            "Un client direct signé, quatre journées. Les préparations prennent encore "
            "une journée pour une journée animée.",
            "Huit journées réservées au premier trimestre, dont trois nouvelles.",
        ),
    ),
    "Graphisme": (
        (
            "Beaucoup de petits travaux, vingt-deux factures pour 5 100 €. Le temps "
            "passé en allers-retours n’est pas facturé.",
            "Un devis type avec deux séries de corrections incluses est prêt à servir.",
        ),
        (
            "Le devis type a réduit les corrections. Le festival a confié toute son "
            "identité, en projet commun avec deux membres de la coopérative.",
            "Calendrier et cartes de vœux déjà commandés ; janvier reste à remplir.",
        ),
    ),
    "Maraîchage": (
        (
            "Quarante-deux paniers par semaine, dix de plus qu’au printemps dernier. "
            "La serre a coûté 1 900 €, payée sur la trésorerie.",
            "Un restaurant veut des herbes deux fois par semaine : livraison à "
            "grouper avec les paniers.",
        ),
        (
            "La sécheresse a coûté trois semaines de paniers ; les conserves ont "
            "sauvé le chiffre de septembre.",
            "Soixante familles inscrites pour 2027, acomptes en janvier.",
        ),
    ),
    "Menuiserie": (
        (
            "Trois chantiers en même temps, les heures supplémentaires n’ont "
            "pas été comptées au devis.",
            "Deux cuisines à poser. L’assurance décennale est à jour.",
        ),
        (
            "Les chantiers sont mieux étalés. Un acompte de 40 % est demandé à la "
            "commande, et la trésorerie ne passe plus sous zéro.",
            "Un bardage de 6 800 € en attente d’accord de la banque du client.",
        ),
    ),
    "Paysage": (
        (
            "L’entretien revient chaque mois, onze jardins. Les créations sont "
            "irrégulières, une seule depuis l’hiver.",
            "Quatre devis de création pour l’automne, tous visités.",
        ),
        (
            "Deux créations faites. Le matériel loué a coûté 1 240 € : l’achat d’une "
            "remorque se discute.",
            "Contrat d’entretien d’une copropriété à partir de mars, 5 200 € par an.",
        ),
    ),
    "Photographie": (
        (
            "Les reportages d’entreprise dépassent les mariages pour la première fois. "
            "Le stock d’images commence à se vendre.",
            "Six mariages, un catalogue de maroquinerie en juin.",
        ),
        (
            "Le boîtier de secours a dû être remplacé. Bon automne : sept reportages, "
            "tous payés sous trente jours.",
            "Exposition en février, qui coûte 800 € et peut amener des commandes.",
        ),
    ),
    "Traduction": (
        (
            "Volume en baisse chez l’éditeur principal, remplacé en partie par des "
            "relectures moins payées.",
            "Candidature envoyée à deux éditeurs de guides ; réponse attendue.",
        ),
        (
            "Un éditeur de guides a confié deux titres. Le tarif au feuillet tient ; "
            "les relectures urgentes sont majorées.",
            "Vingt-quatre feuillets par semaine prévus jusqu’en mars.",
        ),
    ),
}
#: Added to what is said of the activity, in turn.
REVIEWS = (
    "La facturation est à jour, une relance est en cours.",
    "Le suivi des heures est tenu depuis le dernier entretien.",
    "La trésorerie couvre deux mois de part fixe.",
    "Les achats sont déposés chaque mois, sans retard.",
    "Le temps de gestion reste trop lourd : une journée par semaine.",
)
PROSPECTS = (
    "L’objectif de l’année reste de 24 000 € de chiffre d’affaires.",
    "La part fixe peut rester à son niveau jusqu’au printemps.",
    "Pas d’investissement prévu avant six mois.",
    "Une hausse de 5 % des prix est prévue en janvier.",
)
#: What the person does, alone or with others, until the next interview.
ACTIONS = (
    "Relancer par téléphone les deux devis de plus d’un mois, et noter les réponses. "
    "Atelier « Devis, marges et prix ».",
    "Tenir un tableau des heures par client pendant trois mois. Rejoindre le groupe "
    "Outils numériques.",
    "Écrire une page qui présente l’offre et les prix ; la faire relire par deux "
    "membres de la coopérative.",
    "Demander un acompte de 30 % à chaque commande. Atelier « Prospecter sans se "
    "forcer ».",
    "Appeler trois anciens clients par semaine. Participer au petit déjeuner du "
    "premier jeudi du mois.",
    "Refaire le calcul du prix de revient avec les heures réelles. Échange avec un "
    "confrère du même métier.",
)
#: What the cooperative brings.
NEEDS = (
    "Relecture des conditions générales par le service juridique.",
    "Aide du pôle comptable pour la relance des impayés.",
    "Simulation de paie avec une part fixe de 600 €.",
    "Accès à la salle du quai une journée par mois pour recevoir des clients.",
    "Mise en relation avec les graphistes de la coopérative.",
    "Un point court par téléphone dans deux mois.",
)
#: Who signed on paper before the register was taken over says no more than that.
TAKEN_OVER = (
    "<p>Entretien repris de l’ancien logiciel : compte rendu signé sur papier.</p>"
)
#: Inès N’Diaye, whose portal the demo shows: her own two reports of the year.
INES = (
    {
        "review": "<p>Trois sites livrés depuis octobre, dont celui de la librairie "
        "des Carmes. Le temps passé en corrections a baissé : quatre heures par site "
        "au lieu de neuf.</p><p>La maintenance de onze sites rapporte 520 € par mois. "
        "Un client, <b>Les Halles de la Loire</b>, paie toujours à soixante jours.</p>",
        "prospects": "<p>Le salon du 20 mars a donné cinq contacts sérieux. Deux devis "
        "sont partis, pour 6 200 € ; le mois d’août sera vide.</p>",
        "action_plan": "<ul><li>Proposer un forfait annuel de maintenance aux quatre "
        "clients qui paient à l’heure.</li><li>Atelier « Devis, marges et prix » en "
        "mai, avec deux autres développeuses de la coopérative.</li></ul>",
        "needs": "<p>Un modèle de contrat de maintenance, relu par le service "
        "juridique ; un point sur la part fixe avant l’été.</p>",
    },
    {
        "review": "<p>Le forfait de maintenance est signé par trois clients sur "
        "quatre. Le chiffre d’affaires est régulier depuis juin, et la trésorerie a "
        "porté le mois d’août sans baisser la paie.</p>",
        "prospects": "<p>Une refonte de 7 800 € est en discussion avec une "
        "coopérative de Rezé. Inès souhaite travailler quatre jours par semaine en "
        "2027, sans baisser son revenu : le tarif passe à 400 € par jour.</p>",
        "action_plan": "<ul><li>Écrire aux clients avant le 15 décembre pour annoncer "
        "le nouveau tarif.</li><li>Animer avec Fatou O’Connor une demi-journée sur "
        "l’accessibilité des sites, ouverte à tous.</li></ul>",
        "needs": "<p>Simulation de paie sur quatre jours, et aide pour la clause de "
        "révision des prix.</p>",
    },
)
#: What coaches write for themselves.
NOTES = (
    "Fatigue visible. Proposer un rendez-vous plus court, et reparler du rythme.",
    "Hésite à partir en micro-entreprise : faire la comparaison avec elle en janvier.",
    "Confond chiffre d’affaires et revenu : reprendre l’explication avec un exemple.",
    "Très à l’aise, pourrait accueillir une nouvelle personne (parrainage).",
)


def parts(trade: str, autumn: bool, turn: int) -> dict[str, str]:
    """The four parts of a report; ``turn`` varies what is the same for all."""
    review, prospects = TRADES.get(trade, TRADES["Conseil"])[autumn]
    said = {
        "review": f"{review} {REVIEWS[turn % len(REVIEWS)]}",
        "prospects": f"{prospects} {PROSPECTS[turn % len(PROSPECTS)]}",
        "action_plan": ACTIONS[turn % len(ACTIONS)],
        "needs": NEEDS[turn % len(NEEDS)],
    }
    return {name: f"<p>{text}</p>" for name, text in said.items()}
