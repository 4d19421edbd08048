{-# LANGUAGE DeriveGeneric, DeriveAnyClass #-}
-- deepseq forces to the bottom, force and rnf on derived types; pretty prints a document.
module Main (main) where

import Control.DeepSeq
import Control.Exception
import GHC.Generics
import Text.PrettyPrint

data T = L | N T Int T deriving (Show, Generic, NFData)

main :: IO ()
main = do
  t (N L 1 (N L 2 L))
  t (N L 1 (N L (error "deep inside") L))
  r <- try (evaluate (rnf [1, 2, error "third" :: Int]))
  putStrLn (either (\(ErrorCall m) -> m) show r)
  print (force (map (+ 1) [1, 2, 3 :: Int]), () `deepseq` 'd')
  putStrLn (render (hang (text "let") 4 (vcat [text "x =" <+> int 5, text "y =" <+> parens (double 2.5)]) $$ text "in" <+> brackets (hsep (punctuate comma (map int [1 .. 20])))))
  where
    t x = do
      r <- try (evaluate (force x))
      putStrLn (either (\(ErrorCall m) -> "error: " ++ m) show r)
