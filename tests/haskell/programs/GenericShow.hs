{-# LANGUAGE DeriveGeneric, TypeOperators, FlexibleContexts, FlexibleInstances, TypeSynonymInstances, DefaultSignatures, DeriveAnyClass #-}
-- GHC.Generics: an encoder derived for records and sums.
module Main (main) where

import GHC.Generics

class Encode a where
  encode :: a -> String
  default encode :: (Generic a, GEncode (Rep a)) => a -> String
  encode = gencode . from

class GEncode f where gencode :: f p -> String
instance GEncode U1 where gencode U1 = ""
instance (GEncode a, GEncode b) => GEncode (a :*: b) where gencode (a :*: b) = gencode a ++ "," ++ gencode b
instance (GEncode a, GEncode b) => GEncode (a :+: b) where
  gencode (L1 a) = gencode a
  gencode (R1 b) = gencode b
instance (GEncode a) => GEncode (D1 c a) where gencode (M1 a) = gencode a
instance (GEncode a, Constructor c) => GEncode (C1 c a) where gencode m@(M1 a) = conName m ++ "{" ++ gencode a ++ "}"
instance (GEncode a, Selector s) => GEncode (S1 s a) where gencode m@(M1 a) = selName m ++ "=" ++ gencode a
instance Encode a => GEncode (K1 i a) where gencode (K1 a) = encode a

instance Encode Int where encode = show
instance Encode Bool where encode = show
instance Encode a => Encode [a] where encode = concatMap ((++ ";") . encode)

data Shape = Circle { radius :: Int } | Poly { points :: [Point], closed :: Bool } | Empty deriving (Generic, Encode)
data Point = Point { x :: Int, y :: Int } deriving (Generic, Encode)

main :: IO ()
main = mapM_ (putStrLn . encode) [Circle 3, Poly [Point 1 2, Point 3 4] True, Empty]
