/**
 * What patients are called and where they live. The lists were written for this project, each in an
 * order of roughly falling frequency; the shares follow from the rank (see `weighted` and its users in
 * `patients.ts`). They imitate the shape of public name statistics and are copied from none.
 */

const words = (text: string): string[] => text.trim().split(/[\s,]*[\n,][\s,]*/u);

/** Given names by generation (born before 1956, 1956 to 1989, from 1990 on) and sex (0 female, 1 male). */
export const GIVEN_NAMES: readonly (readonly [readonly string[], readonly string[]])[] = [
  [
    words(`Mary, Margaret, Patricia, Barbara, Dorothy, Joan, Helen, Elizabeth, Shirley, Ruth, Jean, Betty,
      Nancy, Carol, Judith, Virginia, Frances, Anna, Evelyn, Alice, Marie, Joyce, Doris, Rose, Gloria,
      Martha, Janet, Eleanor, Irene, Marjorie, Ingrid, Maria Teresa, Hildegard, Lois, Ethel, Edith`),
    words(`John, Robert, James, William, Charles, George, Richard, Thomas, Donald, Joseph, Edward, Frank,
      Kenneth, Harold, Paul, Raymond, Walter, Jack, Henry, Arthur, Albert, Ralph, Harry, Eugene, Ronald,
      Carl, Lawrence, Gerald, Fred, Ernest, Hans, Giuseppe, Roy, Herbert, Norman, Stanley`),
  ],
  [
    words(`Lisa, Jennifer, Susan, Karen, Michelle, Kimberly, Linda, Deborah, Sandra, Maria, Amy, Angela,
      Melissa, Donna, Julie, Christine, Laura, Nicole, Stephanie, Rebecca, Andrea, Claire, Sarah,
      Jessica, Heather, Tracey, Katherine, Rachel, Sabine, Fatima, Emma, Samantha, Catherine, Anne-Marie,
      Victoria, Paula`),
    words(`Michael, David, John, James, Robert, Mark, Christopher, Paul, Andrew, Daniel, Steven, Brian,
      Matthew, Jason, Kevin, Peter, Anthony, Richard, Timothy, Jeffrey, Stephen, Scott, Simon, Eric,
      Gary, Thomas, Ian, Jonathan, Mohammed, Stefan, Nicholas, Patrick, José, Adam, Martin, Sean`),
  ],
  [
    words(`Emma, Olivia, Sophie, Emily, Jessica, Mia, Charlotte, Hannah, Amelia, Isabella, Ella, Grace,
      Chloe, Lily, Ava, Lucy, Sarah, Zoe, Ruby, Madison, Leah, Sofia, Maya, Evie, Abigail, Freya, Aisha,
      Alice, Layla, Nora, Zoë, Eva, Anna, Jasmine, Clara, Elena`),
    words(`Jack, Noah, Oliver, James, Liam, William, Joshua, Lucas, Thomas, Ethan, Daniel, Leo, Samuel,
      Benjamin, Jacob, Alexander, Henry, Ryan, Muhammad, Oscar, Max, Adam, Luca, Harry, Elias, Finn,
      Isaac, Mateo, Nathan, Felix, Aaron, Dylan, Theo, Arjun, Tyler, Gabriel`),
  ],
];

/** Given names of any generation that are rarer, in both sexes. */
export const RARE_GIVEN_NAMES: readonly string[] = words(`Aaliyah, Abdul, Adele, Agnieszka, Ahmed, Akira,
  Alejandro, Alina, Ama, Amara, Amir, Anastasia, Andrzej, Aneeka, Angus, Anh, Anneliese, Antonio, Aoife,
  Ariadne, Astrid, Augustin, Ayşe, Beatrix, Bilal, Bjørn, Boris, Bronwyn, Camille, Caoimhe, Carlos, Cedric,
  Chandra, Chiara, Chinedu, Ciarán, Clemence, Conchita, Dagmar, Damian, Deepak, Dimitri, Đorđe, Ebony,
  Edita, Eduardo, Efua, Eilidh, Elif, Emeka, Enrique, Esperanza, Estelle, Farah, Fergus, Fiona, François,
  Gareth, Gintaras, Giulia, Goran, Gwendolyn, Hamza, Haruka, Hassan, Heidi, Hiroshi, Ibrahim, Imogen, Ines,
  Ioana, Ivan, Jacqueline, Jasper, Jean-Luc, Jerzy, Jiří, Jorge, Jürgen, Kamala, Katarzyna, Keiko, Khadija,
  Kofi, Krzysztof, Lachlan, Lakshmi, Lars, Leïla, Linh, Lorenzo, Ludmila, Łukasz, Magnus, Malcolm, Manuela,
  Mariana, Mehmet, Mei Ling, Miguel, Mireille, Nadia, Naoko, Nikolaos, Ngozi, Oksana, Olga, Omar, Ottilie,
  Pablo, Padraig, Parvati, Pedro, Philippa, Pradeep, Quentin, Rafael, Rajesh, Ramona, Renée, Roberto,
  Roisin, Rosalind, Rüdiger, Sanjay, Saoirse, Sergei, Shanthi, Siobhán, Søren, Svetlana, Tamás, Tariq,
  Tatiana, Thandiwe, Tomasz, Ursula, Valentina, Vasilis, Vijay, Wanda, Wei, Wolfgang, Xavier, Xin, Yasmin,
  Yusuf, Zainab, Zbigniew, Željko, Zofia`);

/** The commonest surnames. */
export const SURNAMES: readonly string[] = words(`Smith, Jones, Williams, Brown, Johnson, Taylor, Davies,
  Wilson, Miller, Anderson, Garcia, Thomas, Martin, Moore, Thompson, White, Evans, Walker, Roberts, Lee,
  Clark, Nguyen, Wright, Robinson, Harris, Hall, Green, Lewis, Martinez, Hill, King, Wood, Scott, Patel,
  Young, Jackson, Allen, Rodriguez, Baker, Adams, Mitchell, Campbell, Phillips, Carter, Edwards, Khan,
  Turner, Cooper, Collins, Morris, Parker, Murphy, Cook, Ward, Rogers, Kelly, Stewart, Morgan, Bell,
  Singh, Hernandez, Bailey, Watson, Murray, Bennett, Richardson, Cox, Wang, Hughes, Gray, Russell,
  Kim, Shaw, James, Lopez, Simpson, Marshall, Ellis, Graham, Harrison, Reid, Ross, Foster, Mason, Chen,
  Mills, Palmer, Barnes, Hunt, Kennedy, Fisher, Stevens, Powell, Knight, Webb, Gonzalez, Müller, Hamilton,
  Butler, Ryan, Gibson, Ford, Hunter, Wells, Li, O'Brien, Grant, Ferguson, Rose, Stone, Hawkins, Dixon,
  Perez, Fox, Reynolds, Ali, Begum, Payne, McDonald, Gordon, Burns, Cole, Robertson, Spencer, Schmidt,
  Henderson, Armstrong, Duncan, Crawford, Chapman, Warren, Freeman, Tran, Lawrence, Sullivan, Black,
  Carroll, Sharma, Arnold, Nelson, Holmes, Day, Ahmed, Jenkins, Perry, Riley, West, Cunningham, Bradley,
  Lane, Andrews, Harvey, Elliott, Kumar, Sanders, Matthews, Porter, Fernandez, Hart, Pearson, Lynch, Doyle,
  Weber, Rossi, Burke, Walsh, Zhang, Dunn, Fletcher, Sánchez, Cohen, Hansen, O'Connor, Novak, Ramirez,
  Kowalski, Jensen, Silva, Meyer, Santos, Byrne, Hussain, Olsen, Wong, van den Berg, Schneider, Berg, Dubois,
  Petrov, Ivanova, Popescu, Nagy, Papadopoulos, Yılmaz, Nowak, Horvat, Svensson, de Vries, Keller, Lindqvist,
  Moreau, Costa, Ferrari, Suzuki, Tanaka, Sato, Park, Choi, Okafor, Mensah, Diallo, Abdi, Mohamed, Hassan,
  Rahman, Das, Fernando, Perera, Le Roux, Botha, MacLeod, McKenzie, O'Neill, Fitzgerald, St John`);

/** First halves of the rarer surnames: each joined with each ending makes one. */
export const SURNAME_ROOTS: readonly string[] = words(`Ash, Black, Brad, Hart, Whit, Holl, Win, Hal, Wood,
  Thorn, Stan, Har, Wal, Lang, Ald, Ber, Birch, Blake, Brom, Buck, Burn, Carl, Chad, Clay, Clif, Col, Crom,
  Dal, Den, Dray, Dun, Eas, El, Fair, Farn, Fen, Fern, Gar, Gil, Glen, Gold, Graf, Green, Grim, Hack, Ham,
  Haw, Hazel, Heath, Hen, High, Hor, Hux, Ing, Kel, Ken, Kirk, Lam, Lan, Lin, Lock, Long, Lud, Mal, Mar,
  Mel, Mid, Mil, Mor, Nor, Oak, Old, Or, Os, Pem, Pen, Pres, Rad, Ravens, Red, Rock, Row, Rush, Sel, Shel,
  Sher, Stock, Strat, Sut, Swin, Thorpe, Til, Tor, Wake, Wed, Wes, Wex, Wil, Wing, Wyn`);

/** Second halves. */
export const SURNAME_ENDINGS: readonly string[] = words(`ton, ley, ford, field, man, worth, son, well, wood,
  ham, by, land, brook, ridge, more, den, hurst, stead, bury, combe, don, gate, grove, house, kins, low,
  mere, mond, port, shaw, stone, thorpe, wick, win, yard, berg`);

/** Relative numbers of people by age, one value for each five years from 0 to 4 up to 100 to 104. */
export const AGE_PYRAMID: readonly number[] = [
  57, 61, 63, 62, 64, 67, 70, 69, 67, 63, 64, 67, 66, 60, 52, 45, 33, 20, 10, 3, 0.5,
];
